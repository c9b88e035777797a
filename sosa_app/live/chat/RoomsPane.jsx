import { Campfire } from "./icons.jsx";
import styles from "./rooms.module.css";
import { WORDS } from "./words.js";

/** The rooms, by community where there are several; unread ones bold with their count. */
export function RoomsPane({ rooms, openId, community, onEnter }) {
  const groups = byCommunity(rooms, community);
  return (
    <nav className={styles.pane} aria-label={WORDS.rooms}>
      {groups.map(([name, members]) => (
        <section key={name}>
          <h2 className={styles.heading}>{groups.length > 1 ? name : WORDS.fires}</h2>
          <ul className={styles.list}>
            {members.map((room) => (
              <li key={room.id}>
                <Room room={room} isOpen={room.id === openId} onEnter={onEnter} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <span className={styles.dusk} aria-hidden="true" />
    </nav>
  );
}

function Room({ room, isOpen, onEnter }) {
  const { count, isMore } = room.unread;
  return (
    <a
      href={`?room=${encodeURIComponent(room.name)}`} className={styles.room} data-testid="room" data-room={room.name}
      data-unread={count > 0 || undefined} aria-current={isOpen ? "page" : undefined} title={room.topic || undefined}
      onClick={(event) => {
        // A new tab or window is the browser's business.
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onEnter(room);
      }}
    >
      <span className={styles.icon}><Campfire isLit={isOpen} /></span>
      <span className={styles.words}>
        <span className={styles.name}>{room.name}</span>
        {room.topic && <span className={styles.topic}>{room.topic}</span>}
      </span>
      {count > 0 && (
        <span className={styles.count}>
          <span aria-hidden="true">{count > 99 ? "99+" : `${count}${isMore ? "+" : ""}`}</span>
          <span className={styles.unseen}>{WORDS.unread(count, isMore)}</span>
        </span>
      )}
    </a>
  );
}

function byCommunity(rooms, community) {
  const groups = new Map();
  for (const room of rooms) {
    const name = room.community || community || "";
    groups.set(name, [...(groups.get(name) ?? []), room]);
  }
  return [...groups];
}
