import { Campfire, Crowd, Talk } from "./icons.jsx";
import styles from "./switch.module.css";
import { WORDS } from "./words.js";

/** The switch between the three panes, on a phone. */
export function PaneSwitch({ pane, onPick, unread, online }) {
  const choices = [
    { name: "rooms", label: WORDS.rooms, icon: <Campfire />, count: unread, isLoud: true },
    { name: "conversation", label: WORDS.conversation, icon: <Talk /> },
    { name: "people", label: WORDS.people, icon: <Crowd />, count: online },
  ];
  return (
    <nav className={styles.switch} aria-label={WORDS.panes}>
      {choices.map(({ name, label, icon, count, isLoud }) => (
        <button
          key={name} type="button" className={styles.choice} data-testid={`pane-${name}`}
          aria-current={pane === name ? "true" : undefined} onClick={() => onPick(name)}
        >
          <span className={styles.icon}>
            {icon}
            {count > 0 && <span className={styles.count} data-loud={isLoud || undefined}>{count > 99 ? "99+" : count}</span>}
          </span>
          {label}
        </button>
      ))}
    </nav>
  );
}
