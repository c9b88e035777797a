/** Ties a chat to the page: its storage, its sockets, its windows, and React. */

import { useEffect, useState, useSyncExternalStore } from "react";

import { call, session, ticket } from "$/public/external/sosa_app/live/device/device.js";

import { createChat } from "./chat.js";
import { createMemory, pageStorage } from "./memory.js";
import { createPeople } from "./people.js";
import { createSocket } from "./socket.js";

const SUBPROTOCOL = "sosa.v1";
/** How long a connection has to prove that it survived a sleep or a lost network. */
const PROOF_OF_LIFE_MS = 4_000;

const clock = {
  now: () => Date.now(),
  after: (ms, act) => setTimeout(act, ms),
  clear: (timer) => clearTimeout(timer),
};

/** `[chat, snapshot]` of this member; one chat for the life of the component. */
export function useChat({ me, rooms }) {
  const [chat] = useState(() => pageChat(me, rooms));
  const snapshot = useSyncExternalStore(chat.subscribe, chat.snapshot, chat.snapshot);
  useEffect(() => chat.setRooms(rooms), [chat, rooms]);
  useEffect(() => live(chat), [chat]);
  return [chat, snapshot];
}

function pageChat(me, rooms) {
  return createChat({
    me: me.user_id,
    list: rooms,
    clock,
    newId,
    memory: createMemory(pageStorage(), me.user_id),
    gather: (changed) => createPeople({ fetchProfiles, clock, changed, known: [me] }),
    connect: (on) =>
      createSocket({
        on,
        clock,
        open: (path) => new WebSocket(location.origin.replace(/^http/, "ws") + path, SUBPROTOCOL),
        ticket: (about) => ticket("messaging", about),
        isSignedIn: async () => (await session()) !== null,
      }),
    signedOut: () => location.assign("/sign-in"),
  });
}

/** Start, and tell the connection what the browser notices before a timer would. */
function live(chat) {
  const tryNow = () => {
    chat.nudge();
    chat.probe(PROOF_OF_LIFE_MS);
  };
  const doubt = () => chat.probe(PROOF_OF_LIFE_MS);
  const look = () => { if (document.visibilityState === "visible") tryNow(); };
  window.addEventListener("online", tryNow);
  window.addEventListener("offline", doubt);
  document.addEventListener("visibilitychange", look);
  chat.start();
  return () => {
    window.removeEventListener("online", tryNow);
    window.removeEventListener("offline", doubt);
    document.removeEventListener("visibilitychange", look);
    chat.stop();
  };
}

async function fetchProfiles(ids) {
  const query = ids.map((id) => `id=${encodeURIComponent(id)}`).join("&");
  return (await call("profiles", "GET", `/profiles/v1/profiles?${query}`)).profiles;
}

/** 128 random bits: unique among all this device ever sent, which is what makes sending again safe. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
