/**
 * What a client knows of one room's log: where it stands, and the messages it holds (docs/protocol.md).
 *
 * Pure: every function takes a log and returns the next one. Nothing lost, nothing twice, in order: the
 * position only moves over events without a gap, and messages are kept by `seq`, each as it is by now.
 */

import { placed, removed, requoted } from "./messages.js";

/** Frames kept while a join is unanswered; more than that and the join's answer is asked for again. */
const MAX_EARLY = 200;

/**
 * A log of which nothing is known yet. `early` holds what overtook the answer to a join; `strays`, while a
 * page of history is on its way, the newest events about messages that are not held: the page may be older.
 */
export const EMPTY_LOG = Object.freeze({
  epoch: null, seq: 0, messages: [], more: false, isJoined: false, hasGap: false, early: [], strays: null,
});

/** The `at` of a join, or undefined where there is no position yet. */
export function position(log) {
  return log.epoch === null ? undefined : { epoch: log.epoch, seq: log.seq };
}

/** The log while a join is unanswered: events that come now wait for it. */
export function whileJoining(log) {
  return { ...log, isJoined: false, hasGap: false, early: [], strays: null };
}

/** The log while a page of history is on its way. */
export function whileAsking(log) {
  return { ...log, strays: [] };
}

/** The log after `joined`: a fresh snapshot, or exactly what was missed. */
export function afterJoined(log, frame) {
  const { early } = log;
  const base = frame.reset
    ? { epoch: frame.epoch, seq: frame.seq, messages: frame.messages, more: frame.more }
    : { ...applied(log, frame.events), seq: Math.max(log.seq, frame.seq) };
  const joined = { ...EMPTY_LOG, ...base, isJoined: true, hasGap: early.length >= MAX_EARLY, early: [] };
  return early.reduce(afterEvents, joined);
}

/** The log after `events`. `hasGap` says that something was lost and the room has to be joined again. */
export function afterEvents(log, frame) {
  if (!log.isJoined) {
    return log.early.length < MAX_EARLY ? { ...log, early: [...log.early, frame] } : log;
  }
  if (log.hasGap) return log;
  if (frame.epoch !== log.epoch) return { ...log, hasGap: true };
  return applied(log, frame.events);
}

/** The log after a page of older messages. A page of another epoch tells nothing about this one. */
export function afterHistory(log, frame) {
  if (frame.epoch !== log.epoch) return log.strays === null ? log : { ...log, strays: null };
  const messages = (log.strays ?? []).reduce(changed, placed(log.messages, frame.messages));
  return { ...log, messages, more: frame.more, strays: null };
}

/**
 * The log with an own message whose receipt came before its event. The position does not move: what was
 * said in between is still under way. A message older than all that is held is left to the history, or
 * there would be a hole above it.
 */
export function withOwn(log, message) {
  const oldest = log.messages[0];
  const isBeyondHeld = log.more && oldest !== undefined && message.seq < oldest.seq;
  return isBeyondHeld ? log : { ...log, messages: placed(log.messages, [message]) };
}

/** The log with at most `keep` messages, the newest; the rest is history to be asked for again. */
export function trimmed(log, keep) {
  if (log.messages.length <= keep) return log;
  return { ...log, messages: log.messages.slice(-keep), more: true };
}

function applied(log, events) {
  let { seq, messages, strays } = log;
  let hasGap = false;
  for (const event of events) {
    if (event.seq <= seq) continue;
    hasGap = event.seq > seq + 1;
    if (hasGap) break;
    seq = event.seq;
    messages = changed(messages, event);
    if (strays && !isHeld(messages, event)) strays = [...strays, event];
  }
  return seq === log.seq && !hasGap ? log : { ...log, seq, messages, strays, hasGap };
}

/** The messages after an event. Only what is posted is taken in; what else is not held is older. */
function changed(messages, event) {
  const { message } = event;
  // An event of a kind that nobody knew yet may be about something else altogether.
  if (!message) return event.gone ? requoted(removed(messages, event.gone), { id: event.gone }) : messages;
  const isTaken = event.kind === "posted" || isHeld(messages, event);
  return requoted(isTaken ? placed(messages, [message]) : messages, message);
}

function isHeld(messages, { message, gone }) {
  const id = message?.id ?? gone;
  return messages.some((held) => held.id === id);
}
