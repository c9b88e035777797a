/**
 * Suggestions at the caret of a text box, for any trigger: `:` for emoji, `@` for people.
 *
 * A source is `{trigger, shortest, find}`; `find(query)` promises `{key, label, detail, picture, insert}`s.
 * At most three are shown. Up, Down, Tab, Enter and Escape are theirs while they are.
 */

import { useEffect, useId, useRef, useState } from "react";

import { placed, wordAt } from "./complete.js";

const MOST = 3;
const NONE = { word: null, items: [] };

/** `{items, active, listId, optionId, take, follow, onKeyDown, boxProps}`; `place({text, caret})` writes. */
export function useComplete({ box, sources, place }) {
  const [shown, setShown] = useState(NONE);
  const [active, setActive] = useState(0);
  const asked = useRef(0);
  const listId = useId();
  const optionId = (index) => `${listId}-${index}`;
  useEffect(() => () => { asked.current += 1; }, []);

  function close() {
    asked.current += 1;
    setShown(NONE);
  }

  /** Look again at what is at the caret; for every change of text and caret. */
  async function follow() {
    const { value, selectionStart, selectionEnd } = box.current;
    const word = selectionStart === selectionEnd ? wordAt(value, selectionStart, sources.map(({ trigger }) => trigger)) : null;
    const source = word && sources.find(({ trigger }) => trigger === word.trigger);
    if (!source || word.query.length < source.shortest) return close();
    const turn = asked.current += 1;
    const items = (await source.find(word.query).catch(() => [])).slice(0, MOST);
    // Whoever typed on meanwhile asked something else.
    if (turn !== asked.current) return undefined;
    setActive(0);
    return setShown(items.length > 0 ? { word, items } : NONE);
  }

  function take(index) {
    const { word, items } = shown;
    const { value } = box.current;
    close();
    // The text may have changed under a list that was late.
    if (value.slice(word.from, word.to) !== word.trigger + word.query) return;
    place(placed(value, word.from, word.to, items[index].insert));
  }

  /** Whether the key was for the suggestions, and nobody else should take it. */
  function onKeyDown(event) {
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (shown.items.length === 0 || isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { length } = shown.items;
    const acts = {
      ArrowDown: () => setActive((active + 1) % length),
      ArrowUp: () => setActive((active + length - 1) % length),
      Tab: () => take(active),
      Enter: () => take(active),
      Escape: close,
    };
    if (event.shiftKey || !Object.hasOwn(acts, event.key)) return false;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
    return true;
  }

  const isOpen = shown.items.length > 0;
  return {
    items: shown.items, active, listId, optionId, take, follow, onKeyDown, close,
    // A text box of several lines may not be a "combobox" (ARIA in HTML), but may have all that makes one.
    boxProps: {
      "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": isOpen ? listId : undefined,
      "aria-activedescendant": isOpen ? optionId(active) : undefined,
    },
  };
}
