/** The open room in the page's address, `/chat?room=<name>`, so that links and the back button work. */

import { useCallback, useEffect, useState } from "react";

/** `[room, go]`: the room the address names (the first one where it names none), and how to go to another. */
export function useAddress(rooms) {
  const [name, setName] = useState(named);
  useEffect(() => {
    const follow = () => setName(named());
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, []);
  const room = rooms.find((each) => each.name === name) ?? rooms[0];
  useEffect(() => { if (room && named() !== room.name) write("replaceState", room); }, [room?.name]);
  const go = useCallback((to) => {
    if (named() !== to.name) write("pushState", to);
    setName(to.name);
  }, []);
  return [room, go];
}

function named() {
  return new URLSearchParams(location.search).get("room");
}

function write(how, room) {
  const url = new URL(location.href);
  url.searchParams.set("room", room.name);
  // The router keeps its own notes in history.state; without them its back button loses count.
  history[how](history.state, "", url);
}
