/**
 * What I did to messages in one room that is not confirmed yet, in order: edits, deletions, emoji, pins.
 *
 * A deed is `{id, messageId, act, at, order, state, error}`, `act` as docs/protocol.md has it. They go one at
 * a time, or two of them could overtake each other. A retry keeps the id, so that nothing is done twice. Only
 * an edit can be `failed`: words are kept until their author throws them away. Pure.
 */

/** The deeds with one more at the end; an earlier edit of the same message that failed is replaced by it. */
export function withDeed(deeds, { id, messageId, act, at }) {
  const isReplaced = (deed) => deed.state === "failed" && deed.messageId === messageId;
  const kept = deeds.filter((deed) => !isReplaced(deed));
  const order = Math.max(at, (deeds.at(-1)?.order ?? 0) + 1);
  return [...kept, { id, messageId, act, at, order, state: "waiting", error: null }];
}

/** The deed that may go now, or undefined: while one is under way, the others wait. */
export function nextDeed(deeds) {
  if (deeds.some(({ state }) => state === "flying")) return undefined;
  return deeds.find(({ state }) => state === "waiting");
}

/** The deeds with one of them changed. */
export function withState(deeds, id, state, error = null) {
  return deeds.map((deed) => (deed.id === id ? { ...deed, state, error } : deed));
}

/** The deeds without one of them. */
export function withoutDeed(deeds, id) {
  return deeds.some((deed) => deed.id === id) ? deeds.filter((deed) => deed.id !== id) : deeds;
}

/** The deeds after the connection was lost: whether the one under way arrived is unknown, so it goes again. */
export function deedsReturned(deeds) {
  return deeds.map((deed) => (deed.state === "flying" ? { ...deed, state: "waiting" } : deed));
}

/** The messages as they will be once my deeds have arrived. */
export function overlaid(messages, deeds, me) {
  if (deeds.length === 0) return messages;
  return deeds.reduce((soFar, deed) => soFar.flatMap((message) => (
    message.id === deed.messageId ? done(message, deed, me) : [message]
  )), messages);
}

function done(message, { act, state, error, id }, me) {
  switch (act.kind) {
    case "edit":
      return [{ ...message, text: act.text, body: undefined, edited_at: message.edited_at ?? message.sent_at, deed: { id, state, error } }];
    case "delete": return [];
    case "react": return [{ ...message, reactions: reacted(message.reactions ?? [], act.emoji, act.on, me) }];
    case "pin": return [{ ...message, pinned_at: act.on ? (message.pinned_at ?? message.sent_at) : undefined }];
    default: return [message];
  }
}

function reacted(reactions, emoji, isOn, me) {
  const held = reactions.find((each) => each.emoji === emoji) ?? { emoji, count: 0, users: [] };
  const isMine = held.users.includes(me);
  if (isMine === isOn) return reactions;
  const users = isOn ? [...held.users, me] : held.users.filter((user) => user !== me);
  const next = { emoji, users, count: held.count + (isOn ? 1 : -1) };
  if (held.count === 0) return [...reactions, next];
  return reactions.flatMap((each) => (each.emoji !== emoji ? [each] : next.count > 0 ? [next] : []));
}
