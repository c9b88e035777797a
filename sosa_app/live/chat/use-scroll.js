/**
 * Keeps the ground under the reader's feet: stays at the newest message for those who are there, and moves
 * nothing for those who read back, whatever is added above or below.
 */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_BOTTOM_PX = 48;
/** Older messages are asked for this far before the reader reaches the top, so that they rarely wait. */
const NEAR_TOP_PX = 800;

/**
 * `{box, content, isAtBottom, toBottom}`: refs for the scrolling element and the list in it.
 *
 * `rows` is what is drawn, one child of `content` each, messages with a `data-key`. `stickOn` changes when
 * the reader said something and wants to see it. `onNearTop` asks for older messages.
 */
export function useScroll({ roomId, rows, stickOn, onNearTop }) {
  const box = useRef(null);
  const content = useRef(null);
  const sticks = useRef(true);
  const anchor = useRef(null);
  const drawn = useRef({ roomId: null, stickOn });
  const [isAtBottom, setAtBottom] = useState(true);

  const measure = useCallback(() => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    sticks.current = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    anchor.current = firstVisible(box.current, content.current);
    setAtBottom(sticks.current);
    if (scrollTop < NEAR_TOP_PX) onNearTop();
  }, [onNearTop]);

  const toBottom = useCallback(() => {
    box.current.scrollTop = box.current.scrollHeight;
    measure();
  }, [measure]);

  useLayoutEffect(() => {
    const last = drawn.current;
    const hasArrived = rows.length > 0;
    if (last.roomId !== roomId && hasArrived) place(box.current, content.current);
    else if (sticks.current || last.stickOn !== stickOn) box.current.scrollTop = box.current.scrollHeight;
    else hold(box.current, content.current, anchor.current);
    drawn.current = { roomId: hasArrived ? roomId : null, stickOn };
    measure();
  }, [roomId, rows, stickOn, measure]);

  useEffect(() => {
    // The box changes with the window, the keyboard of a phone and a growing composer, the content with
    // late fonts and pictures: none of them may push the newest message out of sight.
    const watch = new ResizeObserver(() => {
      if (sticks.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watch.observe(box.current);
    watch.observe(content.current);
    return () => watch.disconnect();
  }, []);

  return { box, content, isAtBottom, toBottom, onScroll: measure };
}

/** Where a room opens: at the "new messages" line if there is one, with some context above, or at the end. */
function place(box, content) {
  const line = content.querySelector("[data-line]");
  box.scrollTop = line ? line.offsetTop - box.clientHeight / 3 : box.scrollHeight;
}

/** The first message in sight and how far it is from the top. Rows are in order: halve, do not walk. */
function firstVisible(box, content) {
  const { children } = content;
  const { scrollTop } = box;
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle].offsetTop + children[middle].offsetHeight <= scrollTop) low = middle + 1;
    else high = middle;
  }
  while (low < children.length && !children[low].dataset.key) low += 1;
  const row = children[low];
  return row ? { key: row.dataset.key, offset: offsetIn(box, row) } : null;
}

/** Put the row that was in sight back to where it was. */
function hold(box, content, anchor) {
  const row = anchor && [...content.children].find((child) => child.dataset.key === anchor.key);
  if (row) box.scrollTop += offsetIn(box, row) - anchor.offset;
}

/** How far a row is below the top of the box, in fractions of a pixel: `offsetTop` is rounded, and drifts. */
function offsetIn(box, row) {
  return row.getBoundingClientRect().top - box.getBoundingClientRect().top;
}
