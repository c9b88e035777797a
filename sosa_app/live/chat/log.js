/**
 * What a client knows of one room's log: where it stands, and the messages it holds (docs/protocol.md).
 *
 * Pure: every function takes a log and returns the next one. Nothing lost, nothing twice, in order: the
 * position only moves over events without a gap, and messages are kept by `seq`.
 */

/** Frames kept while a join is unanswered; more than that and the join's answer is asked for again. */
const MAX_EARLY = 200;

/** A log of which nothing is known yet. `early` holds what overtook the answer to a join. */
export const EMPTY_LOG = Object.freeze({
  epoch: null, seq: 0, messages: [], more: false, isJoined: false, hasGap: false, early: [],
});

/** The `at` of a join, or undefined where there is no position yet. */
export function position(log) {
  return log.epoch === null ? undefined : { epoch: log.epoch, seq: log.seq };
}

/** The log while a join is unanswered: events that come now wait for it. */
export function whileJoining(log) {
  return { ...log, isJoined: false, hasGap: false, early: [] };
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
  if (frame.epoch !== log.epoch) return log;
  return { ...log, messages: merged(log.messages, frame.messages), more: frame.more };
}

/**
 * The log with an own message whose receipt came before its event. The position does not move: what was
 * said in between is still under way. A message older than all that is held is left to the history, or
 * there would be a hole above it.
 */
export function withOwn(log, message) {
  const oldest = log.messages[0];
  const isBeyondHeld = log.more && oldest !== undefined && message.seq < oldest.seq;
  return isBeyondHeld ? log : { ...log, messages: merged(log.messages, [message]) };
}

/** The log with at most `keep` messages, the newest; the rest is history to be asked for again. */
export function trimmed(log, keep) {
  if (log.messages.length <= keep) return log;
  return { ...log, messages: log.messages.slice(-keep), more: true };
}

function applied(log, events) {
  let { seq } = log;
  const news = [];
  for (const event of events) {
    if (event.seq <= seq) continue;
    if (event.seq > seq + 1) return withNews({ ...log, seq, hasGap: true }, news);
    seq = event.seq;
    // An unknown kind moves the position and is otherwise none of our business.
    if (event.kind === "posted") news.push(event.message);
  }
  return seq === log.seq ? log : withNews({ ...log, seq }, news);
}

function withNews(log, news) {
  return news.length === 0 ? log : { ...log, messages: merged(log.messages, news) };
}

/** Both lists by `seq`, each message once. What is newer in `more` replaces what was held. */
function merged(held, more) {
  if (more.length === 0) return held;
  const newest = held.at(-1)?.seq ?? -1;
  if (more.every((message, i) => message.seq > (more[i - 1]?.seq ?? newest))) return [...held, ...more];
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  for (const message of more) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
