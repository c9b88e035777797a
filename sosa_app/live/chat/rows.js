/**
 * How a conversation reads: day separators, the "new messages" line, and messages grouped by author.
 *
 * Pure, and a row keeps its key when its message is confirmed, so that nothing flickers.
 */

import { mentions } from "./body.js";

const GROUP_MS = 7 * 60_000;
const NONE = Object.freeze([]);

/**
 * The rows of a conversation, oldest first: `{kind: "day" | "line" | "message", key, ...}`. `messages` are as
 * they are drawn, with what I did to them.
 *
 * `queue` holds my drafts, which come last. `lineAfter` is the seq after which the "new messages" line
 * is drawn, or null. `sentHere` holds the client ids of what was said in this very page.
 */
export function conversationRows({ messages, queue, me, lineAfter, sentHere }) {
  const rows = [];
  let previous = null;
  let isLineDue = lineAfter !== null;
  const add = (message) => {
    const isNewDay = previous === null || dayOf(previous.at) !== dayOf(message.at);
    if (isNewDay) rows.push({ kind: "day", key: `day-${dayOf(message.at)}-${message.key}`, at: message.at });
    const isLine = isLineDue && message.seq > lineAfter && message.authorId !== me;
    if (isLine) rows.push({ kind: "line", key: "line" });
    if (isLine) isLineDue = false;
    const isHead = isNewDay || isLine || !continues(previous, message);
    rows.push({ ...message, kind: "message", isHead });
    previous = message;
  };
  for (const message of messages) add(saidRow(message, me, sentHere));
  for (const draft of queue) add(draftRow(draft, me));
  return rows;
}

function saidRow(message, me, sentHere) {
  const isMine = message.author_id === me;
  // The id a client chose is only a key where this page chose it: another device of mine could repeat it.
  const key = isMine && sentHere.has(message.client_id) ? message.client_id : message.id;
  return {
    key, id: message.id, clientId: message.client_id, authorId: message.author_id, text: message.text,
    body: message.body ?? null, isForMe: mentions(message.body, me),
    at: Date.parse(message.sent_at), seq: message.seq, state: message.deed ? stateOf(message.deed) : "sent", isMine,
    error: message.deed?.error ?? null, deedId: message.deed?.id ?? null, editedAt: message.edited_at ?? null,
    replyTo: message.reply_to ?? null, reactions: message.reactions ?? NONE, files: message.files ?? NONE, isPinned: Boolean(message.pinned_at),
  };
}

function draftRow(draft, me) {
  return {
    key: draft.id, id: null, clientId: draft.id, authorId: me, text: draft.text, at: draft.at,
    seq: Infinity, state: stateOf(draft), isMine: true, error: draft.error, deedId: null, editedAt: null,
    replyTo: draft.replyTo ?? null, reactions: NONE, files: draft.files ?? NONE, isPinned: false,
  };
}

function stateOf({ state }) {
  return state === "failed" ? "failed" : "pending";
}

function continues(previous, message) {
  // An answer shows whose words it answers to, and so who says it.
  return previous.authorId === message.authorId && message.at - previous.at <= GROUP_MS && !message.replyTo;
}

/** The local day of a time, as a key. */
function dayOf(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
