/**
 * What a member says and does, on its way to the server: kept until confirmed, sent again after a loss.
 *
 * One unanswered `send` and one unanswered `change` per room: some hosts handle the frames of one connection
 * side by side, and so nothing overtakes anything (docs/protocol.md).
 */

import { nextDeed, withDeed, withState, withoutDeed } from "./deeds.js";
import { nextBatch, onWire, queued, refused, retried, returned, sentOff, without, MAX_QUEUE } from "./outbox.js";
import * as rooms from "./room.js";

const SLOW_DOWN_MS = 2_000;
const TOO_LARGE = 1009;
const TOO_FAST = 429;
const NOT_FOUND = 404;
const TOO_LARGE_ERROR = { code: "too_large", message: "That was too much in one go. Try a shorter one." };

/**
 * The mouth and hands of a chat: `{canSay, say, retry, discard, act, retryDeed, discardDeed, pump}`.
 *
 * `find(id)` is the room as it is, `update(id, next)` puts its next version in its place, `change()` draws.
 * `sentHere` takes the ids of what was said in this page.
 */
export function createSaying({ find, update, change, request, isReady, me, newId, clock, sentHere }) {
  const requeue = (id, next) => update(id, (room) => ({ ...room, queue: next(room.queue) }));
  const redo = (id, next) => update(id, (room) => ({ ...room, deeds: next(room.deeds) }));

  /** Whether there is room for another draft in this room. */
  function canSay(id) {
    const room = find(id);
    return room !== undefined && room.queue.length < MAX_QUEUE;
  }

  /** Say it. Returns false, and changes nothing, while too much is waiting in this room. */
  function say(id, text, replyTo = null, files = []) {
    if (!canSay(id)) return false;
    const draft = { id: newId(), text, at: clock.now(), replyTo, files };
    sentHere.add(draft.id);
    update(id, (held) => ({ ...held, lineAfter: null, queue: queued(held.queue, draft) }));
    return going(id);
  }

  function retry(id, draftId) {
    requeue(id, (queue) => retried(queue, draftId, clock.now()));
    going(id);
  }

  function discard(id, draftId) {
    requeue(id, (queue) => without(queue, new Set([draftId])));
    going(id);
  }

  /** Do something with a message: `act` is `{kind: "edit" | "delete" | "react" | "pin", ...}`. */
  function act(id, messageId, deed) {
    if (!find(id)) return;
    redo(id, (deeds) => withDeed(deeds, { id: newId(), messageId, act: deed, at: clock.now() }));
    update(id, (room) => ({ ...room, notice: null }));
    going(id);
  }

  function retryDeed(id, deedId) {
    redo(id, (deeds) => withState(deeds, deedId, "waiting"));
    going(id);
  }

  function discardDeed(id, deedId) {
    redo(id, (deeds) => withoutDeed(deeds, deedId));
    going(id);
  }

  function going(id) {
    pump(id);
    change();
    return true;
  }

  /** Send what waits in this room, if it may go now. */
  function pump(id) {
    if (!isReady() || !find(id)?.log.isJoined) return;
    pumpDrafts(id);
    pumpDeeds(id);
  }

  function pumpDrafts(id) {
    const batch = nextBatch(find(id).queue);
    if (batch.length === 0) return;
    requeue(id, (queue) => sentOff(queue, batch));
    request({ t: "send", room: id, messages: batch.map(onWire) }, (outcome) => sent(id, outcome));
  }

  function sent(id, { frame, error, lost }) {
    const isTooFast = error?.status === TOO_FAST;
    if (frame) update(id, (room) => rooms.withReceipts(room, frame.receipts, me));
    else if (lost === TOO_LARGE) requeue(id, (queue) => refused(queue, TOO_LARGE_ERROR));
    else if (lost || isTooFast) requeue(id, returned);
    else requeue(id, (queue) => refused(queue, error));
    goOn(id, isTooFast);
  }

  function pumpDeeds(id) {
    const deed = nextDeed(find(id).deeds);
    if (deed === undefined) return;
    redo(id, (deeds) => withState(deeds, deed.id, "flying"));
    const frame = { t: "change", room: id, message: deed.messageId, id: deed.id, do: deed.act };
    request(frame, (outcome) => settled(id, deed, outcome));
  }

  function settled(id, deed, { frame, error, lost }) {
    const isTooFast = error?.status === TOO_FAST;
    // Once confirmed, it is drawn as done until its event is here, or it would flicker.
    if (frame) update(id, (room) => rooms.withDeedDone(room, deed.id, frame.receipt.seq));
    else if (lost || isTooFast) redo(id, (deeds) => withState(deeds, deed.id, "waiting"));
    else if (deed.act.kind === "edit" && error.status !== NOT_FOUND) redo(id, (deeds) => withState(deeds, deed.id, "failed", error));
    else couldNot(id, deed, error);
    goOn(id, isTooFast);
  }

  function couldNot(id, deed, error) {
    redo(id, (deeds) => withoutDeed(deeds, deed.id));
    // What somebody wanted gone and is gone is no trouble.
    if (deed.act.kind === "delete" && error.status === NOT_FOUND) return;
    update(id, (room) => ({ ...room, notice: error.message }));
  }

  function goOn(id, isTooFast) {
    if (isTooFast) clock.after(SLOW_DOWN_MS, () => pump(id));
    else pump(id);
    change();
  }

  return { canSay, say, retry, discard, act, retryDeed, discardDeed, pump };
}
