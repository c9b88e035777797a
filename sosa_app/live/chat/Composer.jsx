import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

import { Attach, pastedFiles } from "./Attach.jsx";
import { Tray } from "./Tray.jsx";
import styles from "./composer.module.css";
import { MAX_TEXT, measure } from "./counter.js";
import { Plane } from "./icons.jsx";
import { canSend as areReady } from "./uploads.js";
import { WORDS } from "./words.js";

/** Where a message is written. What is written here is never lost: not by a reload, not by a refusal. */
export function Composer({ chat, room, isShown, tray, files, onFiles, tooMany }) {
  const [text, setText] = useState(() => chat.draft(room.id));
  const [isFull, setFull] = useState(false);
  const box = useRef(null);
  const hint = useId();
  const { length, level, canSend: hasWords } = measure(text);
  const canSend = areReady(files) && (hasWords || (files.length > 0 && level !== "over"));
  useHeight(box, text, isShown);
  useFocusAtDesk(box);

  function write(next) {
    setText(next);
    setFull(false);
    chat.keepDraft(room.id, next);
  }

  function send() {
    if (!canSend || room.trouble) return;
    // Asked before anything is taken out of the tray.
    if (!chat.canSay(room.id)) setFull(true);
    else if (chat.say(room.id, text, tray.take())) write("");
    box.current.focus();
  }

  function onKeyDown(event) {
    // Enter also ends the choice of a character in an input method; that one must not send. (229 is how
    // Safari says so.)
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form className={styles.composer} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Notes room={room} isFull={isFull} />
      <Tray tray={tray} items={files} tooMany={tooMany} />
      <div className={styles.field} data-level={level}>
        <Attach onFiles={onFiles} />
        <textarea
          ref={box} rows={1} value={text} data-testid="composer" dir="auto" enterKeyHint="send" autoComplete="off"
          placeholder={WORDS.compose(room.name)} aria-label={WORDS.composeLabel(room.name)} aria-describedby={hint}
          onChange={(event) => write(event.target.value)} onKeyDown={onKeyDown} onPaste={pastedFiles(onFiles)}
        />
        <button
          type="submit" className={styles.send} data-testid="send" aria-disabled={!canSend || undefined}
          aria-label={WORDS.send} title={WORDS.send}
        >
          <Plane size={20} />
        </button>
      </div>
      <p className={styles.counter} id={hint} data-testid="counter" data-level={level}>
        {level === "over" && <span>{WORDS.over(length - MAX_TEXT)}</span>}
        {["shown", "amber", "red"].includes(level) && <span>{`${length} / ${MAX_TEXT}`}</span>}
      </p>
    </form>
  );
}

function Notes({ room, isFull }) {
  const behind = room.queue.filter(({ state }) => state === "waiting").length;
  const isHeldBack = behind > 0 && room.queue.some(({ state }) => state === "failed");
  return (
    <div role="status">
      {room.trouble && <p className={styles.note}>{room.trouble.message || WORDS.gone}</p>}
      {isFull && <p className={styles.note}>{WORDS.full}</p>}
      {isHeldBack && !isFull && <p className={styles.note}>{WORDS.behind(behind)}</p>}
    </div>
  );
}

/** The box grows with what is in it; the style sheet says how far. */
function useHeight(box, text, isShown) {
  useLayoutEffect(() => {
    box.current.style.height = "auto";
    box.current.style.height = `${box.current.scrollHeight}px`;
  }, [box, text, isShown]);
}

/** Ready to type at a desk. On a phone it would raise the keyboard over the conversation. */
function useFocusAtDesk(box) {
  useEffect(() => {
    if (window.matchMedia("(pointer: fine) and (min-width: 769px)").matches) box.current.focus();
  }, [box]);
}
