/**
 * One room as this page knows it: its log, what I said and is not confirmed, who is here, how far I read.
 *
 * Pure: every function takes a room and returns the next one.
 */

import { withoutDeed } from "./deeds.js";
import { EMPTY_LOG, afterEvents, afterHistory, afterJoined, trimmed, whileAsking, whileJoining, withOwn } from "./log.js";
import { landed, without } from "./outbox.js";

/** A room that is not being read back holds at most this many messages, and is cut to the second number. */
const HELD = { most: 600, kept: 300 };

/**
 * A room of which only the address is known. `seen` is the position I read to; `lineAfter` the seq above
 * the "new messages" line, or null; `isWatched` whether the newest message is before somebody's eyes; `deeds`
 * what I did to messages and is not confirmed; `notice` what could not be done.
 */
export function newRoom({ id, name, topic, community }, { queue, seen, deeds = [] }) {
  return {
    id, name, topic, community, log: EMPTY_LOG, queue, deeds, notice: null, online: new Set(), seen,
    lineAfter: null, isOpen: false, isWatched: false, isLoading: false, trouble: null,
  };
}

/** The room while its join is unanswered. */
export function joining(room) {
  return { ...room, log: whileJoining(room.log), isLoading: false };
}

/** The room after `joined`. */
export function joined(room, frame, me) {
  const log = afterJoined(room.log, frame);
  const isNewHere = room.seen === null || room.seen.epoch !== log.epoch;
  const seen = isNewHere ? { epoch: log.epoch, seq: log.seq } : room.seen;
  const next = { ...room, log, seen, online: new Set(frame.online), trouble: null };
  return tidied(noticed(reconciled(next, me), me));
}

/** The room after `events`. */
export function withEvents(room, frame, me) {
  const log = afterEvents(room.log, frame);
  return log === room.log ? room : tidied(noticed(reconciled({ ...room, log }, me), me));
}

/** The room while a page of older messages is on its way. */
export function asking(room) {
  return { ...room, log: whileAsking(room.log), isLoading: true };
}

/** The room after a page of older messages. */
export function withHistory(room, frame) {
  return { ...room, log: afterHistory(room.log, frame), isLoading: false };
}

/** The room after the receipts of a `send`. */
export function withReceipts(room, receipts, me) {
  const drafts = new Map(room.queue.map((draft) => [draft.id, draft]));
  const accepted = receipts.filter((receipt) => !receipt.error && drafts.has(receipt.id));
  const log = accepted.reduce(
    (soFar, receipt) => withOwn(soFar, messageOf(drafts.get(receipt.id), receipt, me)), room.log,
  );
  return { ...room, log, queue: landed(room.queue, receipts) };
}

/** The room once a deed is confirmed: it is still drawn as mine until the log has come as far as its event. */
export function withDeedDone(room, deedId, seq) {
  if (room.log.seq >= seq) return { ...room, deeds: withoutDeed(room.deeds, deedId) };
  return { ...room, deeds: room.deeds.map((deed) => (deed.id === deedId ? { ...deed, state: "done", seq } : deed)) };
}

/** The room after `online`. */
export function withPresence(room, { came, went }) {
  const online = new Set(room.online);
  for (const id of came) online.add(id);
  for (const id of went) online.delete(id);
  return { ...room, online };
}

/** The room while its newest message is (or is no longer) before somebody's eyes. */
export function watched(room, isWatched, me) {
  return isWatched === room.isWatched ? room : noticed({ ...room, isWatched }, me);
}

/** The room once it is (or is no longer) the one on the page. The line is for one visit. */
export function opened(room, isOpen) {
  return isOpen ? { ...room, isOpen } : tidied({ ...room, isOpen, isWatched: false, lineAfter: null });
}

/** `{count, isMore}` of unread messages by others; `isMore` where older ones are not loaded. */
export function unread(room, me) {
  const { log, seen } = room;
  if (seen === null) return { count: 0, isMore: false };
  const count = log.messages.filter(({ seq, author_id: author }) => seq > seen.seq && author !== me).length;
  const oldest = log.messages[0]?.seq ?? Infinity;
  return { count, isMore: log.more && count > 0 && oldest > seen.seq + 1 };
}

/** What I said and did is not mine to draw any more once the log has it, whichever of event and receipt was first. */
function reconciled(room, me) {
  const isArrived = (deed) => deed.state === "done" && deed.seq <= room.log.seq;
  const deeds = room.deeds.some(isArrived) ? room.deeds.filter((deed) => !isArrived(deed)) : room.deeds;
  if (room.queue.length === 0) return deeds === room.deeds ? room : { ...room, deeds };
  const mine = room.log.messages.filter((message) => message.author_id === me);
  return { ...room, deeds, queue: without(room.queue, new Set(mine.map((message) => message.client_id))) };
}

/** Move the marker over what was seen; draw the line above what was not. */
function noticed(room, me) {
  const { log, seen } = room;
  if (seen === null || log.epoch === null) return room;
  if (room.isWatched) return seen.seq === log.seq ? room : { ...room, seen: { epoch: log.epoch, seq: log.seq } };
  return unread(room, me).count > 0 ? { ...room, lineAfter: seen.seq } : room;
}

/** Somebody who reads back must not lose the ground; everybody else needs only the newest. */
function tidied(room) {
  const isReadingBack = room.isOpen && !room.isWatched;
  if (isReadingBack || room.log.messages.length <= HELD.most) return room;
  return { ...room, log: trimmed(room.log, HELD.kept) };
}

function messageOf(draft, receipt, me) {
  return {
    id: receipt.message_id, client_id: draft.id, author_id: me, text: draft.text.trim(),
    sent_at: receipt.sent_at, seq: receipt.seq, ...(draft.replyTo ? { reply_to: draft.replyTo } : {}),
  };
}
