import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";

import { Attach, pastedFiles } from "./Attach.jsx";
import { Completions } from "./Completions.jsx";
import { EmojiPicker } from "./EmojiPicker.jsx";
import { Tray } from "./Tray.jsx";
import { emojiPiece, placed } from "./complete.js";
import styles from "./composer.module.css";
import { Task } from "./Task.jsx";
import { MAX_TEXT, measure } from "./counter.js";
import { overlaid } from "./deeds.js";
import { emojiHabits, emojiSource } from "./emoji.js";
import { Plane, Smile } from "./icons.jsx";
import { pageStorage } from "./memory.js";
import { canSend as areReady } from "./uploads.js";
import { useComplete } from "./use-complete.js";
import { WORDS } from "./words.js";

/** Where a message is written. What is written here is never lost: not by a reload, not by a refusal. */
export function Composer({ chat, room, isShown, me, profiles, task, onTask, bag }) {
  const [text, setText] = useState(() => chat.draft(room.id));
  const [isFull, setFull] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const box = useRef(null);
  const sources = useMemo(() => [emojiSource(emojiHabits(pageStorage(), me))], [me]);
  const place = usePlace(box, write);
  const complete = useComplete({ box, sources, place });
  const hint = useId();
  const { length, level, canSend: hasWords } = measure(text);
  const isEdit = task?.kind === "edit";
  const files = isEdit ? [] : bag.items;
  const canSend = areReady(files) && (hasWords || (files.length > 0 && level !== "over"));
  useHeight(box, text, isShown);
  useFocusAtDesk(box);
  useTaskBegun(box, task, (words) => setText(words), chat, room.id);

  function write(next) {
    setText(next);
    setFull(false);
    // What is being changed is a message, not a draft: the draft waits until that is done.
    if (!isEdit) chat.keepDraft(room.id, next);
  }

  function end() {
    if (isEdit) setText(chat.draft(room.id));
    onTask(null);
    box.current.focus();
  }

  function send() {
    if (!canSend || room.trouble) return;
    if (isEdit) {
      if (text.trim() !== task.row.text) chat.act(room.id, task.row.id, { kind: "edit", text });
      end();
      return;
    }
    // Asked before anything is taken out of the tray.
    if (!chat.canSay(room.id)) setFull(true);
    else if (chat.say(room.id, text, task ? quoteOf(task.row) : null, bag.tray.take())) { write(""); onTask(null); }
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
    if (isComposing) return;
    if (event.key === "Escape" && task) end();
    else if (event.key === "ArrowUp" && text === "" && !task) changeLast(event);
    else if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); }
  }

  function changeLast(event) {
    const last = overlaid(room.log.messages, room.deeds, me).findLast((message) => message.author_id === me);
    if (!last) return;
    event.preventDefault();
    onTask({ kind: "edit", row: { id: last.id, text: last.text, authorId: me, seq: last.seq } });
  }

  return (
    <form className={styles.composer} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Notes room={room} isFull={isFull} />
      <Completions complete={complete} />
      {isPicking && <EmojiPicker me={me} onPick={pickEmoji} onClose={closePicker} />}
      {task && <Task task={task} profiles={profiles} onEnd={end} />}
      {!isEdit && <Tray tray={bag.tray} items={files} tooMany={bag.tooMany} />}
      <div className={styles.field} data-level={level}>
        {!isEdit && <Attach onFiles={bag.onFiles} />}
        <textarea
          ref={box} rows={1} value={text} data-testid="composer" dir="auto" enterKeyHint="send" autoComplete="off"
          placeholder={WORDS.compose(room.name)} aria-label={WORDS.composeLabel(room.name)} aria-describedby={hint}
          onChange={(event) => { write(event.target.value); complete.follow(); }} onKeyDown={onKeyDown}
          onPaste={isEdit ? undefined : pastedFiles(bag.onFiles)}
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
      {room.notice && <p className={styles.note}>{room.notice}</p>}
      {room.trouble && <p className={styles.note}>{room.trouble.message || WORDS.gone}</p>}
      {isFull && <p className={styles.note}>{WORDS.full}</p>}
      {isHeldBack && !isFull && <p className={styles.note}>{WORDS.behind(behind)}</p>}
    </div>
  );
}

/** A message to be changed comes into the box, and the caret with it. */
function useTaskBegun(box, task, setText, chat, roomId) {
  const key = task && `${task.kind}:${task.row.id}`;
  const before = useRef(null);
  useEffect(() => {
    const wasEdit = before.current?.startsWith("edit:");
    before.current = key;
    if (task === null) return;
    if (task.kind === "edit") setText(task.row.text);
    else if (wasEdit) setText(chat.draft(roomId));
    box.current.focus();
  }, [key]);
}

function quoteOf(row) {
  return { id: row.id, seq: row.seq, author_id: row.authorId, text: [...row.text].slice(0, 140).join("") };
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
