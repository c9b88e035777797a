/** Completing what is being typed: which word is at the caret, and what becomes of the text. */

const LONGEST = 32;

/**
 * The word at the caret that begins with one of these triggers, `{trigger, query, from, to}`, or null.
 *
 * A trigger counts at the start of a word only: `a@b` is an address, and `10:30` a time.
 */
export function wordAt(text, caret, triggers) {
  const before = text.slice(Math.max(0, caret - LONGEST - 1), caret);
  const found = /(?:^|[\s(])([^\s\w])([\p{L}\p{N}_+-]*)$/u.exec(before);
  if (!found || !triggers.includes(found[1])) return null;
  // In the middle of a word nobody asks for its end.
  if (/^[\p{L}\p{N}_]/u.test(text.slice(caret))) return null;
  return { trigger: found[1], query: found[2], from: caret - found[2].length - 1, to: caret };
}

/** The text with `piece` in the place of what is between `from` and `to`, and the caret behind it. */
export function placed(text, from, to, piece) {
  return { text: text.slice(0, from) + piece + text.slice(to), caret: from + piece.length };
}

/** An emoji put where the caret is: with space around it where letters would touch it. */
export function emojiPiece(text, from, to, emoji) {
  const before = /[\p{L}\p{N}]$/u.test(text.slice(0, from)) ? " " : "";
  const after = /^\s/.test(text.slice(to)) ? "" : " ";
  return before + emoji + after;
}
