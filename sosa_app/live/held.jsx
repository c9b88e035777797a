/**
 * The conversation, held steady while the page's Reflex connection comes and goes.
 *
 * At each new connection the server forgets the member and learns them again a moment later (see
 * attach.jsx). What it says in between is "nobody", and the conversation must not be torn down for it:
 * it has its own socket, a place in the scroll and a half-written thought. So the last whole answer stays
 * until the next one, which replaces it even where it is somebody else's.
 */

import { useRef } from "react";
import { ChatPane } from "$/public/external/sosa_app/live/chat/ChatPane.jsx";

export function HeldChat({ known, rooms, me, community }) {
  const last = useRef(null);
  if (known) last.current = { rooms, me, community };
  return last.current ? <ChatPane {...last.current} /> : null;
}
