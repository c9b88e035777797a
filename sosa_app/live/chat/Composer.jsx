import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";

import { Completions } from "./Completions.jsx";
import { EmojiPicker } from "./EmojiPicker.jsx";
import { emojiPiece, placed } from "./complete.js";
import styles from "./composer.module.css";
import { MAX_TEXT, measure } from "./counter.js";
import { emojiHabits, emojiSource } from "./emoji.js";
import { Plane, Smile } from "./icons.jsx";
import { pageStorage } from "./memory.js";
import { useComplete } from "./use-complete.js";
import { WORDS } from "./words.js";

/** Where a message is written. What is written here is never lost: not by a reload, not by a refusal. */
export function Composer({ chat, room, me, isShown }) {
  const [text, setText] = useState(() => chat.draft(room.id));
  const [isFull, setFull] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const box = useRef(null);
  const sources = useMemo(() => [emojiSource(emojiHabits(pageStorage(), me.user_id))], [me.user_id]);
  const place = usePlace(box, write);
  const complete = useComplete({ box, sources, place });
  const hint = useId();
  const { length, level, canSend } = measure(text);
  useHeight(box, text, isShown);
  useFocusAtDesk(box);

  function write(next) {
    setText(next);
    setFull(false);
    chat.keepDraft(room.id, next);
  }

  function send() {
    if (!canSend || room.trouble) return;
    if (chat.say(room.id, text)) write("");
    else setFull(true);
    box.current.focus();
  }

  function pickEmoji(emoji, isMore) {
    const { selectionStart, selectionEnd } = box.current;
    if (!isMore) setPicking(false);
    place(placed(text, selectionStart, selectionEnd, emojiPiece(text, selectionStart, selectionEnd, emoji)), isMore);
  }

  function closePicker() {
    setPicking(false);
    box.current.focus();
  }

  function onKeyDown(event) {
    if (complete.onKeyDown(event)) return;
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
      <Completions complete={complete} />
      {isPicking && <EmojiPicker me={me.user_id} onPick={pickEmoji} onClose={closePicker} />}
      <div className={styles.field} data-level={level}>
        <textarea
          ref={box} rows={1} value={text} data-testid="composer" dir="auto" enterKeyHint="send" autoComplete="off"
          placeholder={WORDS.compose(room.name)} aria-label={WORDS.composeLabel(room.name)} aria-describedby={hint}
          onChange={(event) => { write(event.target.value); complete.follow(); }} onKeyDown={onKeyDown}
          onSelect={complete.follow} onBlur={complete.close} {...complete.boxProps}
        />
        <button
          type="button" className={styles.smile} data-testid="open-emoji" data-opens-emoji="true" aria-expanded={isPicking}
          aria-haspopup="dialog" aria-label={WORDS.emoji.open} title={WORDS.emoji.open} onClick={() => setPicking(!isPicking)}
        >
          <Smile size={22} />
        </button>
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

/** `place({text, caret})`: writes, and puts the caret there once that is drawn. */
function usePlace(box, write) {
  const caret = useRef(null);
  useLayoutEffect(() => {
    if (caret.current === null) return;
    box.current.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  return (next, isFocusElsewhere = false) => {
    caret.current = next.caret;
    write(next.text);
    if (!isFocusElsewhere) box.current.focus();
  };
}

/** Ready to type at a desk. On a phone it would raise the keyboard over the conversation. */
function useFocusAtDesk(box) {
  useEffect(() => {
    if (window.matchMedia("(pointer: fine) and (min-width: 769px)").matches) box.current.focus();
  }, [box]);
}
