import { useEffect, useRef, useState } from "react";

import styles from "./actions.module.css";
import { Bin, Dots, Pencil, Pin, Reply } from "./icons.jsx";
import { WORDS } from "./words.js";

/** Room that the panel needs below; where there is less, it opens upwards. */
const PANEL_PX = 260;
/** The emoji at hand. */
const QUICK = ["👍", "❤️", "😂", "🔥", "😮", "🦓"];

/** What can be done with a message: beside it on a desk, behind a touch on a phone. */
export function Actions({ row, hands }) {
  const [isOpen, setOpen] = useState(false);
  const [isSure, setSure] = useState(true);
  const place = useRef(null);
  const [isUp, setUp] = useState(false);
  const close = () => { setOpen(false); setSure(true); };
  const open = () => { setUp(roomBelow(place.current) < PANEL_PX); setOpen(true); };
  const doing = (act) => () => { close(); act(); };
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    close();
    place.current.querySelector("button").focus();
  };
  useOutside(place, isOpen, close);
  return (
    <div className={styles.actions} ref={place} data-open={isOpen || undefined} data-up={isUp || undefined} onKeyDown={onKeyDown}>
      <button
        type="button" className={styles.more} data-testid="actions" aria-label={WORDS.actions} title={WORDS.actions}
        aria-expanded={isOpen} onClick={isOpen ? close : open}
      >
        <Dots size={18} />
      </button>
      {isOpen && (
        <div className={styles.panel} role="group" aria-label={WORDS.actions}>
          <div className={styles.quick} role="group" aria-label={WORDS.react}>
            {QUICK.map((emoji) => (
              <button
                key={emoji} type="button" className={styles.emoji} data-testid="quick-reaction" aria-label={WORDS.reactWith(emoji)}
                onClick={doing(() => hands.act(row, { kind: "react", emoji, on: true }))}
              >
                {emoji}
              </button>
            ))}
          </div>
          <Choice icon={<Reply size={17} />} name="reply" onPick={doing(() => hands.answer(row))}>{WORDS.reply}</Choice>
          <Choice icon={<Pin size={17} />} name="pin" onPick={doing(() => hands.act(row, { kind: "pin", on: !row.isPinned }))}>
            {row.isPinned ? WORDS.unpin : WORDS.pin}
          </Choice>
          {row.isMine && (
            <>
              <Choice icon={<Pencil size={17} />} name="edit" onPick={doing(() => hands.change(row))}>{WORDS.edit}</Choice>
              <Choice
                icon={<Bin size={17} />} name="delete" isGrave
                onPick={isSure ? () => setSure(false) : doing(() => hands.act(row, { kind: "delete" }))}
              >
                {isSure ? WORDS.remove : WORDS.reallyRemove}
              </Choice>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Choice({ icon, name, onPick, isGrave = false, children }) {
  return (
    <button type="button" className={styles.choice} data-testid={`action-${name}`} data-grave={isGrave || undefined} onClick={onPick}>
      {icon} {children}
    </button>
  );
}

function roomBelow(place) {
  const list = place.closest('[role="log"]').getBoundingClientRect();
  return list.bottom - place.getBoundingClientRect().bottom;
}

function useOutside(place, isOpen, close) {
  useEffect(() => {
    if (!isOpen) return undefined;
    const look = (event) => { if (!place.current?.contains(event.target)) close(); };
    document.addEventListener("pointerdown", look);
    document.addEventListener("focusin", look);
    return () => {
      document.removeEventListener("pointerdown", look);
      document.removeEventListener("focusin", look);
    };
  });
}
