/**
 * Attaches this page's Reflex connection to the session of the signed-in device, and keeps it attached.
 *
 * Reflex knows a page by its client token: made with Math.random, in the URL of its socket, readable in
 * any log. So that token says nothing here. Each connection shows a one-use ticket, bound to the token's
 * hash, with a proof by this device's key; the server forgets the member when another connection comes.
 */

import { useEffect, useRef, useState } from "react";
import { getToken } from "$/utils/state";
import { forgetsOnReload, session, ticket } from "$/public/external/sosa_app/live/device/device.js";
import { digest } from "$/public/external/sosa_app/live/device/keys.js";
import { goToDoor } from "$/public/external/sosa_app/live/device/passing.js";

const PATIENCE_MS = 4000;
const MOST_TRIES = 5;
const SPARE_SECONDS = 60;
const RETRY_MS = 15_000;

async function credentials() {
  if (!(await session())) {
    goToDoor();
    return null;
  }
  return ticket("ui", { path: "/_event", bind: await digest(getToken()) });
}

export function Attach({ hydrated, attachment, renewInSeconds, renewedAt, strings, onCredentials, onAttached }) {
  const [trouble, setTrouble] = useState("");
  // Reflex hands new functions at each render; effects must neither run again for them nor use old ones.
  const handlers = useRef({});
  handlers.current = { onCredentials, onAttached };

  async function show() {
    try {
      const shown = await credentials();
      if (shown) handlers.current.onCredentials(shown.ticket, shown.proof);
      setTrouble("");
    } catch (error) {
      setTrouble(error.message);
    }
  }

  // `attachment` is "" until the server attached this connection, and again after it forgot it.
  useEffect(() => {
    if (!hydrated || attachment) return undefined;
    let tries = 0;
    let timer;
    const again = () => {
      tries += 1;
      if (tries > MOST_TRIES) return setTrouble(strings.unattached);
      timer = setTimeout(again, PATIENCE_MS * tries);
      return show();
    };
    again();
    return () => clearTimeout(timer);
  }, [hydrated, attachment]);

  useEffect(() => {
    if (attachment) handlers.current.onAttached();
  }, [attachment]);

  useEffect(() => {
    if (!attachment) return undefined;
    // Each success moves `renewedAt` and so starts this anew; until then it tries on.
    let timer = setTimeout(function renew() {
      timer = setTimeout(renew, RETRY_MS);
      show();
    }, Math.max(5, renewInSeconds - SPARE_SECONDS) * 1000);
    return () => clearTimeout(timer);
  }, [attachment, renewedAt]);

  const notice = trouble || (attachment && forgetsOnReload() ? strings.forgets : "");
  return notice ? <p className="notice" role="status">{notice}</p> : null;
}
