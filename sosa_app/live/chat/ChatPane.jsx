/**
 * The live chat: rooms left, conversation middle, people right; one at a time on a phone.
 *
 * `rooms` are `{id, name, topic, community}`, `me` is `{user_id, username, nickname, face}`. All else comes
 * over the chat's own socket.
 */

import { useCallback, useEffect, useState } from "react";

import { Conversation } from "./Conversation.jsx";
import { PaneSwitch } from "./PaneSwitch.jsx";
import { PeoplePane } from "./PeoplePane.jsx";
import { RoomsPane } from "./RoomsPane.jsx";
import styles from "./chat.module.css";
import { useAddress } from "./use-address.js";
import { useChat } from "./use-chat.js";
import { WORDS } from "./words.js";

export function ChatPane({ rooms, me, community }) {
  if (!me?.user_id) return <Quiet>{WORDS.arriving}</Quiet>;
  if (!rooms?.length) return <Quiet>{WORDS.noRooms}</Quiet>;
  return <Chat key={me.user_id} rooms={rooms} me={me} community={community} />;
}

function Chat({ rooms, me, community }) {
  const [chat, snapshot] = useChat({ me, rooms });
  const [room, goTo] = useAddress(rooms);
  const [pane, setPane] = useState("conversation");
  const isWide = useWide();
  useEffect(() => chat.open(room.id), [chat, room.id]);
  const enter = useCallback((next) => { goTo(next); setPane("conversation"); }, [goTo]);
  useRoomKeys(snapshot.rooms, room.id, enter);
  const unreadIn = (some) => some.reduce((sum, each) => sum + each.unread.count, 0);
  useTitle(room.name, unreadIn(snapshot.rooms));
  const elsewhere = unreadIn(snapshot.rooms.filter(({ id }) => id !== room.id));
  return (
    <div className={styles.chat} data-pane={pane}>
      <div className={styles.rooms}>
        <RoomsPane rooms={snapshot.rooms} openId={room.id} community={community} onEnter={enter} />
      </div>
      <div className={styles.conversation}>
        <Conversation chat={chat} snapshot={snapshot} roomId={room.id} me={me} isShown={isWide || pane === "conversation"} />
      </div>
      <div className={styles.people}>
        <PeoplePane online={snapshot.room?.online} profiles={snapshot.profiles} me={me.user_id} />
      </div>
      <PaneSwitch pane={pane} onPick={setPane} unread={elsewhere} online={snapshot.room?.online.size ?? 0} />
    </div>
  );
}

/** The tab says which room it is, and whether it is worth a look. */
function useTitle(room, unread) {
  useEffect(() => { document.title = WORDS.title(room, unread); }, [room, unread]);
}

/** Whether all three panes are side by side; the same width as in the style sheets. */
function useWide() {
  const [query] = useState(() => window.matchMedia("(min-width: 769px)"));
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const look = () => setWide(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [query]);
  return isWide;
}

/** Alt+Up and Alt+Down walk through the rooms. */
function useRoomKeys(rooms, openId, enter) {
  useEffect(() => {
    const walk = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || event.ctrlKey || event.metaKey || step === undefined) return;
      const next = rooms[rooms.findIndex(({ id }) => id === openId) + step];
      event.preventDefault();
      if (next) enter(next);
    };
    window.addEventListener("keydown", walk);
    return () => window.removeEventListener("keydown", walk);
  }, [rooms, openId, enter]);
}

function Quiet({ children }) {
  return <p className={styles.quiet} role="status">{children}</p>;
}
