/**
 * The one connection of a page: opens, proves who we are, stays, and comes back. No React, no rooms.
 *
 * States: `idle`, `connecting`, `ready`, `waiting` (for the next try), `stopped` (trying again is of no
 * use). All that touches the world is passed in, so that tests can be the world.
 */

import { createRequests } from "./requests.js";

export const LIVE_PATH = "/messaging/v1/live";

const PING_MS = 30_000;
const PONG_MS = 10_000;
const OPENING_MS = 15_000;
const BACKOFF_MS = { first: 500, most: 30_000 };
const CROWDED_MS = 60_000;
/** Authentication is renewed this long before its end, and after this long whatever our clock says. */
const RENEW = { beforeMs: 60_000, mostMs: 13 * 60_000, leastMs: 20_000 };
/** A connection that stayed this long was a good one: the next failure starts the backoff anew. */
const GOOD_MS = 20_000;

const CLOSED = { wrong: 4400, signedOut: 4401, crowded: 4429 };

/**
 * A connection: `{start, stop, request, nudge, probe, state}`.
 *
 * `open(url)` makes a WebSocket, `ticket({path, cn})` gets what authenticates it, `isSignedIn()` tells
 * whether a new ticket is worth asking for. `on` has `state(state, detail)`, `frame(frame)` and `signedOut()`.
 */
export function createSocket({ open, ticket, isSignedIn, on, clock, random = Math.random }) {
  let state = "idle";
  let socket = null;
  let challenge = null;
  let failures = 0;
  let readySince = 0;
  let isTold = false;
  const timers = createTimers(clock);
  const requests = createRequests({ send, clock, onSilence: () => drop("silent") });

  function become(next, detail = null) {
    state = next;
    on.state(state, detail);
  }

  function connect() {
    timers.clear();
    challenge = null;
    become("connecting");
    const mine = open(LIVE_PATH);
    socket = mine;
    // A socket we gave up may still speak: it is heard only while it is the current one.
    const whileCurrent = (react) => (event) => { if (socket === mine) react(event); };
    mine.onopen = whileCurrent(() => send({ t: "hello", v: 1 }));
    mine.onmessage = whileCurrent((event) => receive(event.data));
    mine.onclose = whileCurrent((event) => closed(event.code));
    timers.after("opening", OPENING_MS, () => drop("slow to open"));
  }

  function send(frame) {
    if (socket?.readyState === 1) socket.send(JSON.stringify(frame));
  }

  function receive(data) {
    const frame = parsed(data);
    if (frame === null) return;
    timers.clear("pong");
    if (frame.t === "hello") greeted(frame);
    else if (frame.t === "ready") admitted(frame);
    else if (frame.t === "pong") return;
    else if (frame.t === "bye") bidFarewell(frame.code);
    else if (!requests.settle(frame)) on.frame(frame);
  }

  /** A host that cannot choose the code of closing says it before. */
  function bidFarewell(code) {
    const mine = socket;
    closed(code);
    mine?.close(1000);
  }

  function greeted(frame) {
    challenge = frame.cn;
    authenticate();
  }

  async function authenticate() {
    const mine = socket;
    try {
      const credentials = await ticket({ path: LIVE_PATH, cn: challenge });
      if (socket === mine) send({ t: "auth", ...credentials });
    } catch (error) {
      if (socket !== mine) return;
      if (error.status === 401) leave();
      else if (state !== "ready") drop("no ticket", (error.retryAfter ?? 0) * 1000);
      // While ready the old authentication still holds: try again soon, the server has the last word.
      else timers.after("renew", RENEW.leastMs, authenticate);
    }
  }

  function admitted(frame) {
    timers.clear("opening");
    const leftMs = frame.exp * 1000 - clock.now();
    const inMs = Math.min(RENEW.mostMs, Math.max(RENEW.leastMs, leftMs - RENEW.beforeMs));
    timers.after("renew", inMs, authenticate);
    if (state === "ready") return;
    readySince = clock.now();
    timers.after("ping", PING_MS, ping);
    become("ready");
  }

  function ping() {
    probe(PONG_MS);
    timers.after("ping", PING_MS, ping);
  }

  /** Ask for a sign of life within `ms`, or take the connection for dead. */
  function probe(ms) {
    if (state !== "ready") return;
    send({ t: "ping" });
    timers.after("pong", ms, () => drop("no pong"));
  }

  function drop(why, atLeastMs = 0) {
    const mine = socket;
    socket = null;
    mine?.close(1000);
    wait(why, atLeastMs);
  }

  function closed(code) {
    socket = null;
    if (code === CLOSED.wrong) return giveUp(code);
    if (code === CLOSED.signedOut) return reconsider();
    return wait(code, code === CLOSED.crowded ? CROWDED_MS : 0);
  }

  /** Wait for the next try. Jitter keeps a restarted server from meeting everybody at the same moment. */
  function wait(why, atLeastMs = 0) {
    timers.clear();
    isTold = atLeastMs > 0;
    if (state === "ready" && clock.now() - readySince > GOOD_MS) failures = 0;
    const ceiling = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** failures);
    const delay = atLeastMs + ceiling * (0.5 + random() / 2);
    failures += 1;
    become("waiting", { why, until: clock.now() + delay });
    requests.lose(why);
    timers.after("retry", delay, connect);
  }

  /** Not authenticated any more: a new ticket if there is still a session, the door if there is none. */
  async function reconsider() {
    wait(CLOSED.signedOut);
    const isHere = await isSignedIn().catch(() => true);
    if (!isHere && state === "waiting") leave();
  }

  function leave() {
    giveUp(CLOSED.signedOut);
    on.signedOut();
  }

  function giveUp(why) {
    timers.clear();
    const mine = socket;
    socket = null;
    mine?.close(1000);
    become("stopped", { why });
    requests.lose();
  }

  /** Something changed for the better (network, attention): try now, unless the server told us when. */
  function nudge() {
    if (state !== "waiting" || isTold) return;
    failures = 0;
    connect();
  }

  return {
    start: () => { if (state === "idle") connect(); },
    stop() {
      timers.clear();
      const mine = socket;
      socket = null;
      mine?.close(1000);
      state = "idle";
      requests.lose();
    },
    request: (frame, settle) => (state === "ready" ? requests.ask(frame, settle) : settle({ lost: state })),
    nudge,
    probe,
    get state() { return state; },
  };
}

/** Named timers: setting one again replaces it. */
function createTimers(clock) {
  const running = new Map();
  const clear = (name) => {
    clock.clear(running.get(name));
    running.delete(name);
  };
  return {
    after(name, ms, act) {
      clear(name);
      running.set(name, clock.after(ms, () => { running.delete(name); act(); }));
    },
    clear(name) {
      if (name !== undefined) clear(name);
      else for (const each of [...running.keys()]) clear(each);
    },
  };
}

/** A frame of the server, or null where it is none: what we do not understand is not worth dying for. */
function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return typeof frame?.t === "string" ? frame : null;
  } catch {
    return null;
  }
}
