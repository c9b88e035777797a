/**
 * The conductor: one connection, all rooms, and a snapshot for the page to draw.
 *
 * It decides *when*; what a frame means for a room is in room.js, what a member does in saying.js, and how
 * the connection lives in socket.js.
 */

import { deedsReturned } from "./deeds.js";
import { position } from "./log.js";
import { aged } from "./outbox.js";
import * as rooms from "./room.js";
import { createSaying } from "./saying.js";

/** Unanswered joins at a time: a hundred rooms at once would run into the server's limit of frames. */
const JOINS_AT_ONCE = 4;
const JOIN_AGAIN_MS = 1_500;
/** Frames within this time are drawn together. */
const DRAW_MS = 33;

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
  const saying = createSaying({
    find: (id) => byId.get(id), update, change, request: (...frame) => socket.request(...frame),
    isReady: () => socket.state === "ready", me, newId, clock, sentHere,
  });
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
    byId.set(about.id, rooms.newRoom(about, { queue, deeds: memory.deeds(about.id), seen: memory.seen(about.id) }));
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
    if (changed.deeds !== room.deeds) memory.keepDeeds(id, room.deeds, changed.deeds);
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
      update(id, (room) => ({
        ...rooms.joining(room), queue: aged(room.queue, clock.now()), deeds: deedsReturned(room.deeds),
      }));
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
    saying.pump(id);
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

  function loadOlder(id) {
    const room = byId.get(id);
    const oldest = room?.log.messages[0];
    if (!oldest || !room.log.isJoined || !room.log.more || room.isLoading) return;
    update(id, rooms.asking);
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
    setRooms, open, watch, loadOlder, draft: memory.draft, keepDraft: memory.keepDraft,
    canSay: saying.canSay, say: saying.say, retry: saying.retry, discard: saying.discard,
    act: saying.act, retryDeed: saying.retryDeed, discardDeed: saying.discardDeed,
  };
}
