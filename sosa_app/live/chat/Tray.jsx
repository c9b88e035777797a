import { useId, useState } from "react";

import { FILE_WORDS } from "./file-words.js";
import { Cross, Paper } from "./file-icons.jsx";
import { Again } from "./icons.jsx";
import styles from "./tray.module.css";
import { readableSize } from "./uploads.js";

/** What a message will take along: seen before it goes, with a way back for each. */
export function Tray({ tray, items, tooMany = 0 }) {
  return (
    <div className={styles.place}>
      {items.length > 0 && (
        <ul className={styles.tray} aria-label={FILE_WORDS.tray} data-testid="tray">
          {items.map((item) => <Item key={item.id} item={item} tray={tray} />)}
        </ul>
      )}
      <p className={styles.note} role="status">{tooMany > 0 && FILE_WORDS.tooMany(tooMany)}</p>
    </div>
  );
}

function Item({ item, tray }) {
  const [isDescribing, setDescribing] = useState(false);
  return (
    <li className={styles.item} data-state={item.state} data-kind={item.kind} data-testid="tray-item">
      <div className={styles.look}>
        {item.preview && !item.isFinal ? <img className={styles.picture} src={item.preview} alt="" /> : <FileLook item={item} />}
        <State item={item} tray={tray} />
        <button type="button" className={styles.remove} onClick={() => tray.remove(item.id)} aria-label={FILE_WORDS.remove(item.name)}>
          <Cross size={14} />
        </button>
      </div>
      {item.kind === "picture" && item.state !== "failed" && (
        <button
          type="button" className={styles.describe} aria-expanded={isDescribing} data-has={item.alt ? true : undefined}
          aria-label={FILE_WORDS.describeName(item.name)} onClick={() => setDescribing(!isDescribing)}
        >
          {item.alt || FILE_WORDS.describe}
        </button>
      )}
      {item.state === "failed" && <Failed item={item} />}
      {isDescribing && <Words item={item} tray={tray} onDone={() => setDescribing(false)} />}
    </li>
  );
}

function FileLook({ item }) {
  return (
    <div className={styles.file}>
      <Paper size={24} />
      <span className={styles.name}>{item.name}</span>
      <span className={styles.size}>{readableSize(item.size)}</span>
    </div>
  );
}

function State({ item, tray }) {
  const percent = Math.round(item.progress * 100);
  if (item.state === "failed" && !item.isFinal) {
    return (
      <button type="button" className={styles.retry} onClick={() => tray.retry(item.id)} aria-label={FILE_WORDS.retry(item.name)}>
        <Again size={20} />
      </button>
    );
  }
  if (item.state !== "going" && item.state !== "looking") return null;
  const words = item.state === "looking" ? FILE_WORDS.looking : FILE_WORDS.going(item.name, percent);
  return (
    <div className={styles.veil}>
      <div
        className={styles.bar} role="progressbar" aria-label={words} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}
        data-looking={item.state === "looking" || undefined}
      >
        <span style={{ inlineSize: `${percent}%` }} />
      </div>
    </div>
  );
}

function Failed({ item }) {
  const { code, message } = item.error ?? {};
  return <p className={styles.failed} role="alert">{FILE_WORDS.errors[code] ?? message ?? FILE_WORDS.failed}</p>;
}

function Words({ item, tray, onDone }) {
  const id = useId();
  const [words, setWords] = useState(item.alt);
  const done = () => { tray.describe(item.id, words.trim()); onDone(); };
  const onKeyDown = (event) => {
    if (event.key === "Escape") { event.stopPropagation(); onDone(); }
    // Enter is for this field; the message around it must not go.
    if (event.key === "Enter" && !event.nativeEvent.isComposing) { event.preventDefault(); done(); }
  };
  return (
    <div className={styles.words}>
      <label htmlFor={id}>{FILE_WORDS.describeHint}</label>
      <input id={id} value={words} maxLength={500} autoFocus dir="auto" onChange={(event) => setWords(event.target.value)} onKeyDown={onKeyDown} onBlur={done} />
    </div>
  );
}
