/** How long a draft is, as the server counts it: Unicode code points, ends trimmed. */

/** Characters in a message. */
export const MAX_TEXT = 1_000;

/** `{length, level, canSend}`; `level` is quiet, shown (from 80 %), amber (90 %), red (95 %) or over. */
export function measure(text) {
  const length = [...text.trim()].length;
  return { length, level: levelOf(length), canSend: length > 0 && length <= MAX_TEXT };
}

function levelOf(length) {
  if (length > MAX_TEXT) return "over";
  if (length >= MAX_TEXT * 0.95) return "red";
  if (length >= MAX_TEXT * 0.9) return "amber";
  return length >= MAX_TEXT * 0.8 ? "shown" : "quiet";
}
