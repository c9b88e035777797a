import { FILE_WORDS } from "./file-words.js";
import { Reply } from "./icons.jsx";
import styles from "./quote.module.css";
import { nameOf } from "./people.js";
import { WORDS } from "./words.js";

/** What a message answers to. A tap leads there; what is gone leads nowhere. */
export function Quote({ quote, profile, onShow }) {
  if (quote.seq === undefined) return <p className={styles.quote}><Reply size={14} /> <em>{WORDS.goneQuote}</em></p>;
  return (
    <button type="button" className={styles.quote} data-testid="quote" onClick={() => onShow(quote)}>
      <Reply size={14} />
      <span className={styles.name} dir="auto">{nameOf(profile)}</span>
      {/* What has no words has files. */}
      <span className={styles.words} dir="auto">{quote.text || <em>{FILE_WORDS.only}</em>}</span>
    </button>
  );
}
