import styles from "./reactions.module.css";
import { nameOf } from "./people.js";
import { WORDS } from "./words.js";

const NAMED = 8;

/** The emoji under a message. A tap gives the same one, or takes mine back. */
export function Reactions({ row, hands, profiles, me }) {
  return (
    <ul className={styles.list} aria-label={WORDS.reactions}>
      {row.reactions.map(({ emoji, count, users }) => {
        const isMine = users.includes(me);
        const who = whoGave(users, count, profiles, me);
        return (
          <li key={emoji}>
            <button
              type="button" className={styles.reaction} data-testid="reaction" data-emoji={emoji} aria-pressed={isMine} title={who}
              aria-label={WORDS.reactedWith(emoji, who)} onClick={() => hands.act(row, { kind: "react", emoji, on: !isMine })}
            >
              <span className={styles.emoji} aria-hidden="true">{emoji}</span>
              <span className={styles.count} aria-hidden="true">{count}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function whoGave(users, count, profiles, me) {
  const names = users.slice(0, NAMED).map((id) => (id === me ? WORDS.you : nameOf(profiles.get(id))));
  const rest = count - names.length;
  return rest > 0 ? WORDS.andMore(names.join(", "), rest) : names.join(", ");
}
