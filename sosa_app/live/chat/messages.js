/** Messages by `seq`, each once and as it is by now. Pure; a list that needs no change is returned itself. */

const MAX_QUOTE = 140;

/** The list with `more` at their places. Of two states of a message the one with the greater `rev` stays. */
export function placed(held, more) {
  if (more.length === 0) return held;
  const newest = held.at(-1)?.seq ?? -1;
  if (more.every((message, i) => message.seq > (more[i - 1]?.seq ?? newest))) return [...held, ...more];
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  for (const message of more) {
    if (revOf(bySeq.get(message.seq)) <= revOf(message)) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** The list without one message. */
export function removed(held, id) {
  return held.some((message) => message.id === id) ? held.filter((message) => message.id !== id) : held;
}

/** The list in which what answers to a message shows it as it is now: `{id}` alone once it is gone. */
export function requoted(held, { id, seq, author_id, text }) {
  if (!held.some((message) => message.reply_to?.id === id)) return held;
  const quote = seq === undefined ? { id } : { id, seq, author_id, text: [...text].slice(0, MAX_QUOTE).join("") };
  return held.map((message) => (message.reply_to?.id === id ? { ...message, reply_to: quote } : message));
}

function revOf(message) {
  return message === undefined ? -1 : (message.rev ?? 0);
}
