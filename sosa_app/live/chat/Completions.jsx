import styles from "./completions.module.css";
import { WORDS } from "./words.js";

/** The suggestions of `useComplete`, above the text box they are for. */
export function Completions({ complete }) {
  const { items, active, listId, optionId, take } = complete;
  return (
    <>
      <span className={styles.unseen} role="status">{items.length > 0 && WORDS.emoji.suggestions(items.length)}</span>
      {items.length > 0 && (
        <ul className={styles.list} id={listId} role="listbox" aria-label={WORDS.emoji.choices} data-testid="completions">
          {items.map((item, index) => (
            <li
              key={item.key} id={optionId(index)} role="option" aria-selected={index === active} className={styles.item}
              // The text box keeps the focus, and a phone its keyboard.
              onPointerDown={(event) => event.preventDefault()} onClick={() => take(index)}
            >
              <span className={styles.picture} aria-hidden="true">{item.picture}</span>
              <span className={styles.label} dir="auto">{item.label}</span>
              {item.detail && <span className={styles.detail} dir="auto">{item.detail}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
