/** Picks an emoji: a popover at a desk, a sheet on a phone. For the composer, and for whatever else takes one. */

import { useEffect, useMemo, useRef, useState } from "react";

import styles from "./emoji.module.css";
import { TONES, emojiHabits, loadEmoji, nameOfEmoji, searchEmoji, toned } from "./emoji.js";
import { gridKey } from "./grid-keys.js";
import { pageStorage } from "./memory.js";
import { WORDS } from "./words.js";

const TABS = ["😀", "👋", "🦒", "🍕", "🏕️", "🎲", "💡", "💬", "🏳️"];

/**
 * `onPick(emoji, isMore)`: `isMore` says that Shift was held, and the picker is wanted a while longer. `me` is
 * the member's id, whose habits these are. `onClose` hears Escape and clicks beside it.
 */
export function EmojiPicker({ me, onPick, onClose }) {
  const root = useRef(null);
  const { catalog, trouble } = useCatalog();
  const habits = useMemo(() => emojiHabits(pageStorage(), me), [me]);
  const [typed, setTyped] = useState("");
  const [tone, setTone] = useState(habits.tone);
  const [near, setNear] = useState(null);
  useClosing(root, onClose);
  useFirstFocus(root);
  const sections = useSections(catalog, typed, habits);

  function pick(event) {
    const { emoji } = event.target.closest("[data-emoji]")?.dataset ?? {};
    if (!emoji) return;
    habits.use(emoji);
    onPick(emoji, event.shiftKey);
  }

  function onKeyDown(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else {
      gridKey(event, root.current);
    }
  }

  const look = (event) => setNear(event.target.closest("[data-emoji]")?.dataset ?? null);
  return (
    <div className={styles.picker} ref={root} role="dialog" tabIndex={-1} aria-label={WORDS.emoji.open} data-testid="emoji-picker" onKeyDown={onKeyDown}>
      <div className={styles.top}>
        <input
          type="search" className={styles.search} value={typed} aria-label={WORDS.emoji.search} data-testid="emoji-search"
          placeholder={WORDS.emoji.search} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)}
        />
        <Tones tone={tone} onPick={(next) => { habits.setTone(next); setTone(next); }} />
      </div>
      {!typed && <Tabs root={root} />}
      <span className={styles.unseen} role="status">{typed && catalog && WORDS.emoji.found(sections[0].items.length)}</span>
      <div className={styles.scroll} onClick={pick} onPointerOver={look} onFocus={look}>
        {trouble && <p className={styles.note} role="alert">{WORDS.emoji.trouble}</p>}
        {typed && catalog && sections[0].items.length === 0 && <p className={styles.note}>{WORDS.emoji.found(0)}</p>}
        {sections.map((section) => <Section key={section.key} section={section} tone={tone} />)}
      </div>
      <p className={styles.near} aria-hidden="true">
        {near ? <><b>{near.emoji}</b> :{near.name}:</> : WORDS.emoji.hint}
      </p>
    </div>
  );
}

function Section({ section, tone }) {
  if (section.items.length === 0) return null;
  return (
    <section className={styles.section} data-group={section.key} aria-label={section.label}>
      <h3 className={styles.label}>{section.label}</h3>
      <div className={styles.grid}>
        {section.items.map((item) => {
          const emoji = toned(item, tone);
          const name = nameOfEmoji(item);
          return (
            <button
              key={item.emoji} type="button" tabIndex={-1} className={styles.emoji} data-emoji={emoji} data-name={name}
              aria-label={name.replaceAll("_", " ")}
            >
              {emoji}
            </button>
          );
        })}
      </div>
    </section>
  );
}

function Tabs({ root }) {
  const goTo = (group) => root.current.querySelector(`[data-group="${group}"]`)?.scrollIntoView({ block: "start" });
  return (
    <div className={styles.tabs}>
      {TABS.map((emoji, group) => (
        <button key={emoji} type="button" aria-label={WORDS.emoji.groups[group]} title={WORDS.emoji.groups[group]} onClick={() => goTo(group)}>
          {emoji}
        </button>
      ))}
    </div>
  );
}

function Tones({ tone, onPick }) {
  return (
    <select
      className={styles.tone} value={tone} aria-label={WORDS.emoji.tone} title={WORDS.emoji.tone}
      onChange={(event) => onPick(Number(event.target.value))}
    >
      {TONES.map((modifier, index) => (
        <option key={modifier} value={index} aria-label={WORDS.emoji.tones[index]}>{`✋${modifier}`}</option>
      ))}
    </select>
  );
}

function useCatalog() {
  const [loaded, setLoaded] = useState({ catalog: null, trouble: false });
  useEffect(() => {
    let isHere = true;
    const settle = (state) => { if (isHere) setLoaded(state); };
    loadEmoji().then(
      (catalog) => settle({ catalog, trouble: false }),
      () => settle({ catalog: null, trouble: true }),
    );
    return () => { isHere = false; };
  }, []);
  return loaded;
}

/** What is shown: what was found, or what was used lately and all groups. */
function useSections(catalog, typed, habits) {
  return useMemo(() => {
    if (!catalog) return [];
    if (typed.trim()) return [{ key: "found", label: WORDS.emoji.search, items: searchEmoji(catalog.all, typed) }];
    const known = new Map(catalog.all.map((item) => [item.emoji, item]));
    const recent = habits.recent().map((emoji) => known.get(emoji) ?? { emoji, names: [], words: [emoji], hasTones: false });
    const groups = catalog.groups.map((items, group) => ({ key: group, label: WORDS.emoji.groups[group], items }));
    return [{ key: "recent", label: WORDS.emoji.recent, items: recent.map((item) => ({ ...item, hasTones: false })) }, ...groups];
  }, [catalog, typed, habits]);
}

/** In the search at a desk. On a phone that would raise the keyboard over what there is to pick. */
function useFirstFocus(root) {
  useEffect(() => {
    const isDesk = window.matchMedia("(pointer: fine) and (min-width: 769px)").matches;
    (isDesk ? root.current.querySelector("input") : root.current).focus();
  }, [root]);
}

function useClosing(root, onClose) {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onPointer = (event) => {
      // The button that opened it closes it by itself; both would open it again.
      const isOurs = root.current?.contains(event.target) || event.target.closest?.("[data-opens-emoji]");
      if (!isOurs) close.current();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [root]);
}
