import { glimpse } from "./body.js";
import { FILE_WORDS } from "./file-words.js";
import { Cross, Pencil, Reply } from "./icons.jsx";
import { nameOf } from "./people.js";
import styles from "./task.module.css";
import { WORDS } from "./words.js";

/** Above the composer: what is being answered or changed, and the way out of it. */
export function Task({ task, profiles, onEnd }) {
  const isReply = task.kind === "reply";
  return (
    <div className={styles.task} data-testid="task">
      {isReply ? <Reply size={16} /> : <Pencil size={16} />}
      <span className={styles.words}>
        <strong>{isReply ? WORDS.answering(nameOf(profiles.get(task.row.authorId))) : WORDS.changing}</strong>{" "}
        <span dir="auto">{FILE_WORDS.said(glimpse(task.row, WORDS.body.cover), task.row.files)}</span>
      </span>
      <button type="button" className={styles.end} aria-label={isReply ? WORDS.stopAnswering : WORDS.keep} onClick={onEnd}>
        <Cross size={16} />
      </button>
    </div>
  );
}
