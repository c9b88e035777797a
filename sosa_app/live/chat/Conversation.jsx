import { useCallback, useRef, useState } from "react";

import { DropHere } from "./Attach.jsx";
import { Banner } from "./Banner.jsx";
import { Composer } from "./Composer.jsx";
import { MessageList } from "./MessageList.jsx";
import styles from "./conversation.module.css";
import { Campfire } from "./icons.jsx";
import { nameOf } from "./people.js";
import { useTray } from "./use-files.js";
import { WORDS } from "./words.js";

/** The middle: which room this is, how the connection is, what was said, and where to say something. */
export function Conversation({ chat, snapshot, roomId, me, isShown }) {
  const room = snapshot.rooms.find(({ id }) => id === roomId);
  const place = useRef(null);
  const [tray, files] = useTray(chat, roomId);
  const [tooMany, setTooMany] = useState(0);
  const onFiles = useCallback((chosen) => setTooMany(tray.add(chosen)), [tray]);
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
      />
      <Said said={snapshot.said} profiles={snapshot.profiles} />
      <Composer
        key={`composer-${room.id}`} chat={chat} room={room} isShown={isShown}
        tray={tray} files={files} onFiles={onFiles} tooMany={tooMany}
      />
      <DropHere place={place} onFiles={onFiles} />
    </section>
  );
}

/** What a screen reader says aloud: new messages only. The list itself is silent, or history would be read out. */
function Said({ said, profiles }) {
  return (
    <div className={styles.unseen} aria-live="polite" aria-relevant="additions">
      {said.map((message) => <p key={message.id}>{nameOf(profiles.get(message.author_id))}: {message.text}</p>)}
    </div>
  );
}
