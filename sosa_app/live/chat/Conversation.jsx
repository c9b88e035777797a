import { useCallback, useMemo, useRef, useState } from "react";

import { DropHere } from "./Attach.jsx";
import { Banner } from "./Banner.jsx";
import { Composer } from "./Composer.jsx";
import { MessageList } from "./MessageList.jsx";
import { glimpse } from "./body.js";
import styles from "./conversation.module.css";
import { FILE_WORDS } from "./file-words.js";
import { Campfire } from "./icons.jsx";
import { nameOf } from "./people.js";
import { useBag } from "./use-files.js";
import { WORDS } from "./words.js";

/** The middle: which room this is, how the connection is, what was said, and where to say something. */
export function Conversation({ chat, snapshot, roomId, me, isShown }) {
  const room = snapshot.rooms.find(({ id }) => id === roomId);
  const [task, setTask] = useTask(roomId);
  const hands = useHands(chat, roomId, setTask);
  const place = useRef(null);
  const bag = useBag(chat, roomId);
  if (!room) return null;
  return (
    <section className={styles.pane} aria-label={room.name} ref={place}>
      <header className={styles.header}>
        <span className={styles.icon}><Campfire isLit size={24} /></span>
        <div className={styles.words}>
          <h2 className={styles.name}>{room.name}</h2>
          {room.topic && <p className={styles.topic}>{room.topic}</p>}
        </div>
      </header>
      <Banner phase={snapshot.phase} onTryNow={chat.nudge} />
      <MessageList
        key={room.id} chat={chat} room={room} sentHere={snapshot.sentHere} profiles={snapshot.profiles} me={me} isShown={isShown}
        hands={hands}
      />
      <Said said={snapshot.said} profiles={snapshot.profiles} />
      <Composer
        key={`composer-${room.id}`} chat={chat} room={room} isShown={isShown} me={me.user_id} profiles={snapshot.profiles}
        task={task} onTask={setTask} bag={bag}
      />
      <DropHere place={place} onFiles={bag.onFiles} />
    </section>
  );
}

/** What the composer is for besides saying something new: `{kind: "reply" | "edit", row}`, one room at a time. */
function useTask(roomId) {
  const [held, setHeld] = useState(null);
  const setTask = useCallback((task) => setHeld(task && { ...task, roomId }), [roomId]);
  return [held?.roomId === roomId ? held : null, setTask];
}

/** What can be done with the messages of a room. */
function useHands(chat, roomId, setTask) {
  return useMemo(() => ({
    act: (row, deed) => chat.act(roomId, row.id, deed),
    retry: (row) => (row.deedId ? chat.retryDeed(roomId, row.deedId) : chat.retry(roomId, row.clientId)),
    discard: (row) => (row.deedId ? chat.discardDeed(roomId, row.deedId) : chat.discard(roomId, row.clientId)),
    answer: (row) => setTask({ kind: "reply", row }),
    change: (row) => setTask({ kind: "edit", row }),
    show: (quote) => show(quote.id),
  }), [chat, roomId, setTask]);
}

/** Bring a message before the eyes, where it is on the page. */
function show(id) {
  const row = document.querySelector(`[data-testid="message"][data-id="${CSS.escape(id)}"]`);
  if (!row) return;
  row.scrollIntoView({ block: "center", behavior: "smooth" });
  row.removeAttribute("data-shown");
  requestAnimationFrame(() => row.setAttribute("data-shown", ""));
}

/** What a screen reader says aloud: new messages only. The list itself is silent, or history would be read out. */
function Said({ said, profiles }) {
  return (
    <div className={styles.unseen} aria-live="polite" aria-relevant="additions">
      {said.map((message) => (
        <p key={message.id}>
          {nameOf(profiles.get(message.author_id))}: {FILE_WORDS.said(glimpse(message, WORDS.body.cover), message.files)}
        </p>
      ))}
    </div>
  );
}
