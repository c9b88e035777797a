import { memo } from "react";

import { Attachments } from "./Attachments.jsx";
import { Face } from "./Face.jsx";
import { Again, Bin } from "./icons.jsx";
import styles from "./message.module.css";
import { nameOf } from "./people.js";
import { clockTime, fullTime } from "./times.js";
import { WORDS } from "./words.js";

const DRAWN = ["key", "state", "isHead", "text", "files", "at", "error", "authorId"];

/** One message: with face and name where its author begins to speak, bare where they go on. */
export const MessageRow = memo(function MessageRow({ row, chat, roomId, profile }) {
  return (
    <li
      className={styles.row} data-testid="message" data-key={row.key} data-state={row.state} data-head={row.isHead || undefined}
      data-client-id={row.clientId} data-author={row.authorId} data-mine={row.isMine || undefined}
    >
      <div className={styles.gutter}>
        {row.isHead ? <Face profile={profile} size={36} /> : <Time at={row.at} isQuiet />}
      </div>
      <div className={styles.body}>
        {row.isHead ? (
          <p className={styles.head}>
            <span className={styles.name} dir="auto">{nameOf(profile)}</span>
            {profile?.is_bot && <span className={styles.bot}>{WORDS.bot}</span>}
            <Time at={row.at} />
          </p>
        ) : (
          <span className={styles.unseen}>{nameOf(profile)}</span>
        )}
        {row.text && <p className={styles.text} dir="auto">{row.text}</p>}
        {row.files.length > 0 && <Attachments files={row.files} />}
        {row.state === "pending" && <span className={styles.unseen}>{WORDS.pending}</span>}
        {row.state === "failed" && <Failed row={row} chat={chat} roomId={roomId} />}
      </div>
    </li>
  );
}, isDrawnTheSame);

function Time({ at, isQuiet = false }) {
  return (
    <time className={styles.time} data-quiet={isQuiet || undefined} dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  );
}

function Failed({ row, chat, roomId }) {
  return (
    <div className={styles.failed}>
      <span role="alert">{row.error?.message ?? WORDS.failed}</span>
      <button type="button" className={styles.retry} data-testid="retry" onClick={() => chat.retry(roomId, row.clientId)}>
        <Again size={15} /> {WORDS.retry}
      </button>
      <button type="button" data-testid="discard" onClick={() => chat.discard(roomId, row.clientId)}>
        <Bin size={15} /> {WORDS.discard}
      </button>
    </div>
  );
}

/** Rows are made anew for each picture; a long conversation is redrawn only where something changed. */
function isDrawnTheSame(before, after) {
  const isSameRow = DRAWN.every((field) => before.row[field] === after.row[field]);
  return isSameRow && before.profile === after.profile && before.roomId === after.roomId;
}
