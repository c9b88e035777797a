import { useCallback, useEffect, useMemo, useState } from "react";

import { Surroundings } from "./Body.jsx";
import { MessageRow } from "./MessageRow.jsx";
import { overlaid } from "./deeds.js";
import { Campfire, Down } from "./icons.jsx";
import styles from "./list.module.css";
import { conversationRows } from "./rows.js";
import { dayLabel, fullTime } from "./times.js";
import { useScroll } from "./use-scroll.js";
import { WORDS } from "./words.js";

/** The messages of one room, newest at the bottom. What is more than text is drawn by Body.jsx. */
export function MessageList({ chat, room, sentHere, profiles, me, isShown, hands }) {
  const { log, queue, deeds, lineAfter } = room;
  const rows = useMemo(
    () => conversationRows({
      messages: overlaid(log.messages, deeds, me.user_id), queue, me: me.user_id, lineAfter, sentHere,
    }),
    [log.messages, queue, deeds, me.user_id, lineAfter, sentHere],
  );
  const surroundings = useMemo(() => ({ me: me.user_id, profiles, emojiUrl: () => null }), [me.user_id, profiles]);
  const onNearTop = useCallback(() => chat.loadOlder(room.id), [chat, room.id]);
  const stickOn = queue.at(-1)?.id ?? null;
  const scroll = useScroll({ roomId: room.id, rows, stickOn: useLatest(stickOn), onNearTop });
  useWatch(chat, room.id, scroll.isAtBottom, isShown);
  const isWaiting = !scroll.isAtBottom && room.unread.count > 0;
  return (
    <div className={styles.place}>
      <div
        className={styles.box} ref={scroll.box} onScroll={scroll.onScroll} tabIndex={0}
        role="log" aria-live="off" aria-label={WORDS.conversationIn(room.name)}
      >
        <Top room={room} />
        <Surroundings.Provider value={surroundings}>
          <ol className={styles.rows} ref={scroll.content}>
            {rows.map((row) => (
              <Row
                key={row.key} row={row} hands={hands} profile={profiles.get(row.authorId)} profiles={profiles} me={me.user_id}
              />
            ))}
          </ol>
        </Surroundings.Provider>
      </div>
      {isWaiting && (
        <button type="button" className={styles.newBar} data-testid="new-bar" onClick={scroll.toBottom}>
          <Down size={18} /> {WORDS.newBar}
        </button>
      )}
      {!scroll.isAtBottom && !isWaiting && (
        <button
          type="button" className={styles.toNewest} onClick={scroll.toBottom}
          aria-label={WORDS.toNewest} title={WORDS.toNewest}
        >
          <Down size={18} />
        </button>
      )}
    </div>
  );
}

function Row({ row, ...rest }) {
  if (row.kind === "day") {
    return (
      <li className={styles.day}>
        <time dateTime={new Date(row.at).toISOString()} title={fullTime(row.at)}>{dayLabel(row.at)}</time>
      </li>
    );
  }
  if (row.kind === "line") return <li className={styles.line} data-line="true"><span>{WORDS.newLine}</span></li>;
  return <MessageRow row={row} {...rest} />;
}

/** What is above the oldest message: a place where more will be, the beginning, or an empty room. */
function Top({ room }) {
  if (!room.log.isJoined && room.log.messages.length === 0) {
    return <p className={styles.more} role="status">{room.trouble ? room.trouble.message : WORDS.arriving}</p>;
  }
  if (room.log.more) return <p className={styles.more}>{WORDS.older}</p>;
  const isEmpty = room.log.messages.length === 0 && room.queue.length === 0;
  return (
    <div className={styles.start} data-empty={isEmpty || undefined}>
      <span className={styles.fire}><Campfire isLit size={isEmpty ? 56 : 40} /></span>
      <p className={styles.startWords}>{isEmpty ? WORDS.empty : WORDS.start(room.name)}</p>
      <p className={styles.startBelow}>{isEmpty ? WORDS.emptyBelow : WORDS.startBelow}</p>
    </div>
  );
}

/** Something said sets it, something confirmed does not take it back. */
function useLatest(value) {
  const [latest, setLatest] = useState(value);
  if (value !== null && value !== latest) setLatest(value);
  return value ?? latest;
}

/** Tell the chat whether the newest message is really before somebody's eyes. */
function useWatch(chat, roomId, isAtBottom, isShown) {
  const isVisible = useVisible();
  useEffect(() => chat.watch(roomId, isAtBottom && isVisible && isShown), [chat, roomId, isAtBottom, isVisible, isShown]);
}

function useVisible() {
  const [isVisible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isVisible;
}
