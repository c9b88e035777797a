import { memo } from "react";

import { Actions } from "./Actions.jsx";
import { Attachments } from "./Attachments.jsx";
import { Body } from "./Body.jsx";
import { Face } from "./Face.jsx";
import { Quote } from "./Quote.jsx";
import { Reactions } from "./Reactions.jsx";
import { Again, Bin, Pin } from "./icons.jsx";
import styles from "./message.module.css";
import { nameOf } from "./people.js";
import { clockTime, fullTime } from "./times.js";
import { WORDS } from "./words.js";

const DRAWN = [
  "key", "id", "state", "isHead", "text", "body", "files", "at", "error", "authorId", "deedId", "editedAt", "replyTo", "reactions",
  "isPinned",
];

/**
 * One message: with face and name where its author begins to speak, bare where they go on.
 *
 * `hands` is what can be done: `{act, retry, discard, answer, change, show}`, each for a row; `me` my user id.
 */
export const MessageRow = memo(function MessageRow({ row, hands, profile, profiles, me }) {
  return (
    <li
      className={styles.row} data-testid="message" data-key={row.key} data-state={row.state} data-head={row.isHead || undefined}
      data-client-id={row.clientId} data-author={row.authorId} data-mine={row.isMine || undefined}
      data-id={row.id ?? undefined} data-pinned={row.isPinned || undefined} data-for-me={row.isForMe || undefined}
    >
      <div className={styles.gutter}>
        {row.isHead ? <Face profile={profile} size={36} /> : <Time at={row.at} isQuiet />}
      </div>
      <div className={styles.body}>
        {row.replyTo && <Quote quote={row.replyTo} profile={profiles.get(row.replyTo.author_id)} onShow={hands.show} />}
        {row.isHead ? (
          <p className={styles.head}>
            <span className={styles.name} dir="auto">{nameOf(profile)}</span>
            {profile?.is_bot && <span className={styles.bot}>{WORDS.bot}</span>}
            <Time at={row.at} />
            {row.isPinned && <span className={styles.pinned}><Pin size={13} /> {WORDS.pinned}</span>}
          </p>
        ) : (
          <span className={styles.unseen}>{nameOf(profile)}</span>
        )}
        {row.body ? (
          <div className={styles.text} data-testid="words">
            <Body body={row.body} author={nameOf(profile)} />
            {row.editedAt && <Edited at={row.editedAt} />}
          </div>
        ) : (row.text || row.files.length === 0) && (
          <p className={styles.text} dir="auto" data-testid="words">
            {row.text}
            {row.editedAt && <Edited at={row.editedAt} />}
          </p>
        )}
        {row.files.length > 0 && <Attachments files={row.files} />}
        {row.state === "pending" && <span className={styles.unseen}>{WORDS.pending}</span>}
        {row.state === "failed" && <Failed row={row} hands={hands} />}
        {row.reactions.length > 0 && <Reactions row={row} hands={hands} profiles={profiles} me={me} />}
      </div>
      {row.id && <Actions row={row} hands={hands} me={me} />}
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

function Edited({ at }) {
  return <time className={styles.edited} dateTime={at} title={fullTime(Date.parse(at))}>{WORDS.edited}</time>;
}

function Failed({ row, hands }) {
  return (
    <div className={styles.failed}>
      <span role="alert">{row.error?.message ?? WORDS.failed}</span>
      <button type="button" className={styles.retry} data-testid="retry" onClick={() => hands.retry(row)}>
        <Again size={15} /> {WORDS.retry}
      </button>
      <button type="button" data-testid="discard" onClick={() => hands.discard(row)}>
        <Bin size={15} /> {WORDS.discard}
      </button>
    </div>
  );
}

/** Rows are made anew for each picture; a long conversation is redrawn only where something changed. */
function isDrawnTheSame(before, after) {
  const isSameRow = DRAWN.every((field) => before.row[field] === after.row[field]);
  const needsNames = after.row.reactions.length > 0 || after.row.replyTo !== null;
  const isSameCast = before.profile === after.profile && (!needsNames || before.profiles === after.profiles);
  return isSameRow && isSameCast && before.hands === after.hands;
}
