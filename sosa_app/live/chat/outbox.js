/**
 * What I said in one room that is not confirmed yet, in order. Pure: every function returns a new queue.
 *
 * A draft is `{id, text, replyTo, at, order, state, error}`, `replyTo` a quote or null, its state `waiting`, `flying` (in an unanswered `send`)
 * or `failed`. A failed one holds back those behind it, so that the room reads what I said in my order. A
 * retry keeps the id: the server knows it again, and nothing is said twice.
 */

/** Messages in one `send`. */
const MAX_BATCH = 20;
/** A frame is 32 KiB at most; this leaves room for the envelope around the drafts. */
const MAX_BATCH_BYTES = 30_000;
/** More unsent messages than this in one room are refused, because they have to fit into local storage. */
export const MAX_QUEUE = 50;
/** A draft that waited longer than this is not sent unasked: by then the talk has moved on. */
export const STALE_MS = 10 * 60_000;

const bytes = new TextEncoder();

/** The queue with a new draft at its end. `order` outlives a reload, and a retry that makes `at` younger. */
export function queued(queue, { id, text, at, replyTo = null, files = [] }) {
  const order = Math.max(at, (queue.at(-1)?.order ?? 0) + 1);
  return [...queue, { id, text, replyTo, files, at, order, state: "waiting", error: null }];
}

/** A draft as it travels. */
export function onWire({ id, text, replyTo, files }) {
  const draft = { id, text: text.toWellFormed?.() ?? text };
  if (replyTo) draft.reply_to = replyTo.id;
  if (files?.length) draft.files = files.map((file) => file.id);
  return draft;
}

/** The drafts of the next `send`, in order; none while one is unanswered or a failed one is in front. */
export function nextBatch(queue) {
  if (queue.some((draft) => draft.state === "flying")) return [];
  const batch = [];
  let size = 0;
  for (const draft of queue) {
    size += bytes.encode(JSON.stringify(onWire(draft))).length + 1;
    const isFull = batch.length === MAX_BATCH || (batch.length > 0 && size > MAX_BATCH_BYTES);
    if (draft.state !== "waiting" || isFull) break;
    batch.push(draft);
  }
  return batch;
}

/** The queue once `batch` is on its way. */
export function sentOff(queue, batch) {
  const ids = new Set(batch.map((draft) => draft.id));
  return queue.map((draft) => (ids.has(draft.id) ? { ...draft, state: "flying" } : draft));
}

/** The queue after the receipts of a `send`: accepted drafts leave it, refused ones stay as failed. */
export function landed(queue, receipts) {
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]));
  return queue.flatMap((draft) => {
    const receipt = byId.get(draft.id);
    if (receipt === undefined) return [grounded(draft)];
    return receipt.error ? [{ ...draft, state: "failed", error: receipt.error }] : [];
  });
}

/** The queue after a `send` was refused as a whole. */
export function refused(queue, error) {
  return queue.map((draft) => (draft.state === "flying" ? { ...draft, state: "failed", error } : draft));
}

/** The queue after the connection was lost: whether the flying ones arrived is unknown, so they go again. */
export function returned(queue) {
  return queue.map(grounded);
}

/** The queue with one failed draft to be sent again. */
export function retried(queue, id, now) {
  return queue.map((draft) =>
    draft.id === id && draft.state === "failed" ? { ...draft, at: now, state: "waiting", error: null } : draft,
  );
}

/** The queue without the drafts of these ids. */
export function without(queue, ids) {
  return queue.some((draft) => ids.has(draft.id)) ? queue.filter((draft) => !ids.has(draft.id)) : queue;
}

/** The queue with drafts that waited too long turned into a question to their author. */
export function aged(queue, now) {
  const error = { code: "stale", message: "This one waited a long time. Still want to say it?" };
  return queue.map((draft) =>
    draft.state === "waiting" && now - draft.at > STALE_MS ? { ...draft, state: "failed", error } : draft,
  );
}

function grounded(draft) {
  return draft.state === "flying" ? { ...draft, state: "waiting" } : draft;
}
