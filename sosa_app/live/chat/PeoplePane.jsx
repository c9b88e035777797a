import { useMemo } from "react";

import { Face } from "./Face.jsx";
import { nameOf, sortedByName } from "./people.js";
import styles from "./people.module.css";
import { WORDS } from "./words.js";

const NOBODY = new Set();

/** Who is in the room now. */
export function PeoplePane({ online = NOBODY, profiles, me }) {
  const ids = useMemo(() => sortedByName(online, profiles), [online, profiles]);
  return (
    <aside className={styles.pane} aria-label={WORDS.people}>
      <h2 className={styles.heading}>
        {WORDS.around} <span className={styles.count} data-testid="online-count">{ids.length}</span>
      </h2>
      <ul className={styles.list}>
        {ids.map((id) => <Person key={id} id={id} profile={profiles.get(id)} isMe={id === me} />)}
      </ul>
      {ids.length < 2 && <p className={styles.joke}>{ids.includes(me) ? WORDS.alone : WORDS.nobody}</p>}
    </aside>
  );
}

function Person({ id, profile, isMe }) {
  return (
    <li className={styles.person} data-testid="person" data-user={id}>
      <Face profile={profile} size={32} isOnline />
      <span className={styles.words}>
        <span className={styles.name} dir="auto">{nameOf(profile)}</span>
        <span className={styles.identity}>
          {profile?.is_bot && <span className={styles.bot}>{WORDS.bot}</span>}
          {isMe && <span className={styles.you}>{WORDS.you}</span>}
          <span dir="auto">{profile?.identity}</span>
        </span>
      </span>
    </li>
  );
}
