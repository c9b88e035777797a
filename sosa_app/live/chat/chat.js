/**
 * The conductor: one connection, all rooms, and a snapshot for the page to draw.
 *
 * It decides *when*; what a frame means for a room is in room.js, how the connection lives in socket.js.
 */

import { aged, nextBatch, onWire, queued, refused, retried, returned, sentOff, without, MAX_QUEUE } from "./outbox.js";
import { position } from "./log.js";
import * as rooms from "./room.js";

/** Unanswered joins at a time: a hundred rooms at once would run into the server's limit of frames. */
const JOINS_AT_ONCE = 4;
const JOIN_AGAIN_MS = 1_500;
const SLOW_DOWN_MS = 2_000;
/** Frames within this time are drawn together. */
const DRAW_MS = 33;
const TOO_LARGE = 1009;

/**
 * A chat: `{subscribe, snapshot, ...what a member does}`.
 *
 * `connect(on)` makes the socket, `memory` survives a reload, `gather(changed)` makes the address book,
 * `newId()` names a draft, `signedOut()` leads to the door. `list` holds the rooms as the page knows them.
 */
export function createChat({ me, list, connect, memory, gather, newId, clock, signedOut }) {
  const byId = new Map();
  const sentHere = new Set();
  const listeners = new Set();
  let openId = null;
  let said = [];
  let wasReady = false;
  let drawnAt = 0;
  let isDrawing = false;
  let joins = { queue: [], open: 0 };

  const people = gather(() => change());
  const socket = connect({ state: connectionChanged, frame: received, signedOut });
  let shown = draw();

  // ---- rooms and the page ------------------------------------------------------------------------

  function setRooms(next) {
    for (const about of next) {
      const held = byId.get(about.id);
      if (held) byId.set(about.id, { ...held, ...about });
      else admit(about);
    }
    const ids = new Set(next.map((about) => about.id));
    for (const id of [...byId.keys()]) if (!ids.has(id)) dismiss(id);
    joinAll();
    change();
  }

  function admit(about) {
    const queue = aged(memory.queue(about.id), clock.now());
    for (const draft of queue) sentHere.add(draft.id);
    byId.set(about.id, rooms.newRoom(about, { queue, seen: memory.seen(about.id) }));
  }

  function dismiss(id) {
    byId.delete(id);
    socket.request({ t: "leave", room: id }, () => {});
  }

  function open(id) {
    if (id === openId || !byId.has(id)) return;
    if (openId !== null) update(openId, (room) => rooms.opened(room, false));
    openId = id;
    said = [];
    update(id, (room) => rooms.opened(room, true));
    change();
  }

  function watch(id, isWatched) {
    if (update(id, (room) => rooms.watched(room, isWatched, me))) change();
  }

  /** Put a room's next version in its place, and what has to survive a reload into memory. */
  function update(id, next) {
    const room = byId.get(id);
    const changed = room && next(room);
    if (!changed || changed === room) return false;
    byId.set(id, changed);
    if (changed.queue !== room.queue) memory.keepQueue(id, room.queue, changed.queue);
    if (changed.seen !== room.seen) memory.keepSeen(id, changed.seen);
    return true;
  }

  function draw() {
    const all = [...byId.values()].map((room) => ({ ...room, unread: rooms.unread(room, me) }));
    const room = byId.get(openId);
    if (room) people.want([...room.online, ...new Set(room.log.messages.map((message) => message.author_id))]);
    return { rooms: all, room: room ?? null, said, sentHere, phase: phase(), profiles: people.all() };
  }

  function phase() {
    if (socket.state === "stopped") return "stopped";
    // The very first walk to the fire is no trouble yet; a second attempt is.
    if (socket.state !== "ready") return wasReady || socket.state === "waiting" ? "reconnecting" : "connecting";
    const isBehind = [...byId.values()].some((room) => !room.log.isJoined && room.trouble === null);
    return isBehind ? "catching-up" : "live";
  }

  function change() {
    drawnAt = clock.now();
    isDrawing = false;
    shown = draw();
    for (const listener of listeners) listener();
  }

  /** A crowd can send more frames than a screen has pictures. */
  function changeSoon() {
    if (isDrawing) return;
    const inMs = drawnAt + DRAW_MS - clock.now();
    if (inMs <= 0) { change(); return; }
    isDrawing = true;
    clock.after(inMs, () => { if (isDrawing) change(); });
  }

  // ---- the connection -----------------------------------------------------------------------------

  function connectionChanged(state) {
    joins = { queue: [], open: 0 };
    for (const id of byId.keys()) {
      update(id, (room) => ({ ...rooms.joining(room), queue: aged(room.queue, clock.now()) }));
    }
    if (state === "ready") {
      wasReady = true;
      joinAll();
    }
    change();
  }

  function received(frame) {
    if (frame.t === "events") eventsCame(frame);
    else if (frame.t === "online") update(frame.room, (room) => rooms.withPresence(room, frame));
    else return;
    changeSoon();
  }

  function eventsCame(frame) {
    const before = byId.get(frame.room)?.log.seq;
    update(frame.room, (room) => rooms.withEvents(room, frame, me));
    const room = byId.get(frame.room);
    if (room?.log.hasGap) joinSoon(frame.room);
    if (frame.room === openId && room?.log.isJoined) announce(room.log.messages, before);
  }

  /** What a screen reader says: new messages of others in the open room, never history. */
  function announce(messages, since) {
    const news = messages.slice(-5).filter((message) => message.seq > since && message.author_id !== me);
    if (news.length > 0) said = [...said, ...news].slice(-5);
  }

  function joinAll() {
    const ids = [...byId.keys()].filter((id) => !byId.get(id).log.isJoined);
    // The room before somebody's eyes goes first.
    for (const id of ids.sort((a, b) => (b === openId) - (a === openId))) joinSoon(id);
  }

  function joinSoon(id) {
    if (socket.state !== "ready" || joins.queue.includes(id)) return;
    joins.queue.push(id);
    joinNext();
  }

  function joinNext() {
    while (joins.open < JOINS_AT_ONCE && joins.queue.length > 0) join(joins.queue.shift());
  }

  function join(id) {
    const mine = joins;
    const room = byId.get(id);
    if (!room) return;
    mine.open += 1;
    update(id, rooms.joining);
    socket.request({ t: "join", room: id, at: position(room.log) }, ({ frame, error }) => {
      mine.open -= 1;
      if (frame) hasJoined(id, frame);
      else if (error) couldNotJoin(id, error);
      if (mine === joins) joinNext();
    });
  }

  function hasJoined(id, frame) {
    update(id, (room) => rooms.joined(room, frame, me));
    if (byId.get(id)?.log.hasGap) joinLater(id);
    pump(id);
    change();
  }

  function couldNotJoin(id, error) {
    const isPassing = error.status === 429 || error.status >= 500;
    if (isPassing) joinLater(id);
    else update(id, (room) => ({ ...room, trouble: error }));
    change();
  }

  function joinLater(id) {
    clock.after(JOIN_AGAIN_MS, () => {
      const log = byId.get(id)?.log;
      if (log && (!log.isJoined || log.hasGap)) joinSoon(id);
    });
  }

  // ---- what a member does -------------------------------------------------------------------------

  function canSay(id) {
    const room = byId.get(id);
    return room !== undefined && room.queue.length < MAX_QUEUE;
  }

  /** Say it. Returns false, and changes nothing, while too much is waiting in this room. */
  function say(id, text, files = []) {
    if (!canSay(id)) return false;
    const draft = { id: newId(), text, files, at: clock.now() };
    sentHere.add(draft.id);
    update(id, (held) => ({ ...held, lineAfter: null, queue: queued(held.queue, draft) }));
    pump(id);
    change();
    return true;
  }

  function retry(id, draftId) {
    update(id, (room) => ({ ...room, queue: retried(room.queue, draftId, clock.now()) }));
    pump(id);
    change();
  }

  function discard(id, draftId) {
    update(id, (room) => ({ ...room, queue: without(room.queue, new Set([draftId])) }));
    pump(id);
    change();
  }

  /** Send what waits in this room, if it may go now: one unanswered `send` per room (docs/protocol.md). */
  function pump(id) {
    const room = byId.get(id);
    if (socket.state !== "ready" || !room?.log.isJoined) return;
    const batch = nextBatch(room.queue);
    if (batch.length === 0) return;
    update(id, (held) => ({ ...held, queue: sentOff(held.queue, batch) }));
    const messages = batch.map(onWire);
    socket.request({ t: "send", room: id, messages }, (outcome) => sent(id, outcome));
  }

  function sent(id, { frame, error, lost }) {
    const isTooFast = error?.status === 429;
    if (frame) update(id, (room) => rooms.withReceipts(room, frame.receipts, me));
    else if (lost === TOO_LARGE) update(id, requeued((queue) => refused(queue, TOO_LARGE_ERROR)));
    else if (lost || isTooFast) update(id, requeued(returned));
    else update(id, requeued((queue) => refused(queue, error)));
    if (isTooFast) clock.after(SLOW_DOWN_MS, () => pump(id));
    else pump(id);
    change();
  }

  function loadOlder(id) {
    const room = byId.get(id);
    const oldest = room?.log.messages[0];
    if (!oldest || !room.log.isJoined || !room.log.more || room.isLoading) return;
    update(id, (held) => ({ ...held, isLoading: true }));
    const request = { t: "history", room: id, before: oldest.seq, limit: 50 };
    socket.request(request, ({ frame }) => {
      update(id, (held) => (frame ? rooms.withHistory(held, frame) : { ...held, isLoading: false }));
      change();
    });
    change();
  }

  setRooms(list);
  return {
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    snapshot: () => shown,
    start: socket.start, stop: socket.stop, nudge: socket.nudge, probe: socket.probe,
    setRooms, open, watch, canSay, say, retry, discard, loadOlder, draft: memory.draft, keepDraft: memory.keepDraft,
  };
}

const TOO_LARGE_ERROR = { code: "too_large", message: "That was too much in one go. Try a shorter one." };

const requeued = (change) => (room) => ({ ...room, queue: change(room.queue) });
