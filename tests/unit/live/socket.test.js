import { expect, test } from "bun:test";

import { createSocket } from "../../../sosa_app/live/chat/socket.js";
import { fakeWebSockets, manualClock, settled } from "./cast.js";

function world({ ticket, isSignedIn = async () => true } = {}) {
  const clock = manualClock();
  const sockets = fakeWebSockets();
  const heard = { states: [], frames: [], signedOut: 0, tickets: 0 };
  const socket = createSocket({
    open: sockets.open,
    ticket: ticket ?? (async ({ cn }) => { heard.tickets += 1; return { ticket: `t-${cn}`, proof: "p" }; }),
    isSignedIn,
    clock,
    random: () => 0,
    on: {
      state: (state) => heard.states.push(state),
      frame: (frame) => heard.frames.push(frame),
      signedOut: () => { heard.signedOut += 1; },
    },
  });
  return { clock, sockets, heard, socket };
}

async function ready(options) {
  const it = world(options);
  it.socket.start();
  await admit(it);
  return it;
}

async function admit({ sockets, clock }) {
  sockets.latest().accept();
  sockets.latest().say({ t: "hello", v: 1, cn: "challenge" });
  await settled();
  sockets.latest().say({ t: "ready", user: "ada", session: "s", exp: clock.now() / 1000 + 900 });
}

test("the client speaks first, and shows its ticket with the challenge", async () => {
  const { sockets, heard, socket } = await ready();
  expect(sockets.latest().sent.map(({ t }) => t)).toEqual(["hello", "auth"]);
  expect(sockets.latest().last("auth")).toEqual({ t: "auth", ticket: "t-challenge", proof: "p" });
  expect(socket.state).toBe("ready");
  expect(heard.states).toEqual(["connecting", "ready"]);
});

test("an answer goes to who asked, everything else to the page", async () => {
  const { sockets, heard, socket } = await ready();
  const answers = [];
  socket.request({ t: "history", room: "general" }, (outcome) => answers.push(outcome));
  const { re } = sockets.latest().last("history");
  sockets.latest().say({ t: "events", room: "general", events: [] });
  sockets.latest().say({ t: "error", re, status: 404, errors: [{ code: "not_found", message: "Nope." }] });
  expect(heard.frames.map(({ t }) => t)).toEqual(["events"]);
  expect(answers).toEqual([{ error: { status: 404, code: "not_found", message: "Nope.", field: undefined } }]);
});

test("a goodbye counts as the close with its code, and the socket is closed from here", async () => {
  const { sockets, heard, socket } = await ready({ isSignedIn: async () => false });
  const first = sockets.latest();
  first.say({ t: "bye", code: 4401, reason: "session ended" });
  await settled();
  first.end(1001);
  await settled();
  expect(heard.frames).toEqual([]);
  expect(heard.signedOut).toBe(1);
  expect(socket.state).not.toBe("ready");
  expect(sockets.all).toHaveLength(1);
});

test("a lost connection settles what was asked, waits with backoff, and comes back", async () => {
  const { sockets, heard, socket, clock } = await ready();
  const answers = [];
  socket.request({ t: "send" }, (outcome) => answers.push(outcome));
  sockets.latest().end(1006);
  expect(answers).toEqual([{ lost: 1006 }]);
  expect(socket.state).toBe("waiting");
  clock.pass(249);
  expect(sockets.all).toHaveLength(1);
  clock.pass(1);
  expect(sockets.all).toHaveLength(2);
  sockets.latest().end(1006);
  clock.pass(499);
  expect(sockets.all).toHaveLength(2);
  clock.pass(1);
  expect(sockets.all).toHaveLength(3);
  expect(heard.signedOut).toBe(0);
});

test("a network that came back is not made to wait", async () => {
  const { sockets, socket } = await ready();
  sockets.latest().end(1001);
  socket.nudge();
  expect(sockets.all).toHaveLength(2);
});

test("too many connections: a minute, whatever happens meanwhile", async () => {
  const { sockets, socket, clock } = await ready();
  sockets.latest().end(4429);
  socket.nudge();
  clock.pass(59_999);
  expect(sockets.all).toHaveLength(1);
  clock.pass(1_000);
  expect(sockets.all).toHaveLength(2);
});

test("4401 with a session gets a new ticket; without one it leads to the door", async () => {
  const here = await ready();
  here.sockets.latest().end(4401);
  await settled();
  here.clock.pass(1_000);
  await admit(here);
  expect(here.heard.tickets).toBe(2);
  expect(here.heard.signedOut).toBe(0);

  const gone = await ready({ isSignedIn: async () => false });
  gone.sockets.latest().end(4401);
  await settled();
  expect(gone.heard.signedOut).toBe(1);
  gone.clock.pass(120_000);
  expect(gone.sockets.all).toHaveLength(1);
});

test("a ticket that is refused because nobody is signed in leads to the door", async () => {
  const { heard, socket } = await ready({ ticket: async () => { throw Object.assign(new Error(), { status: 401 }); } });
  expect(heard.signedOut).toBe(1);
  expect(socket.state).toBe("stopped");
});

test("a ticket that cannot be fetched is a lost connection", async () => {
  const it = world({ ticket: async () => { throw Object.assign(new Error(), { status: 0 }); } });
  it.socket.start();
  it.sockets.latest().accept();
  it.sockets.latest().say({ t: "hello", v: 1, cn: "c" });
  await settled();
  expect(it.socket.state).toBe("waiting");
});

test("being wrong is not repeated", async () => {
  const { sockets, socket, clock } = await ready();
  sockets.latest().end(4400);
  clock.pass(300_000);
  expect(socket.state).toBe("stopped");
  expect(sockets.all).toHaveLength(1);
});

test("authentication is renewed before it ends, with the same challenge", async () => {
  const { sockets, clock, heard } = await ready();
  keepAnswering(sockets, clock, 12);
  await settled();
  expect(heard.tickets).toBe(1);
  keepAnswering(sockets, clock, 2);
  await settled();
  expect(heard.tickets).toBe(2);
  expect(sockets.all).toHaveLength(1);
  expect(sockets.latest().last("auth").ticket).toBe("t-challenge");
});

/** Minutes in steps of thirty seconds, each with its pong. */
function keepAnswering(sockets, clock, minutes) {
  for (let i = 0; i < minutes * 2; i += 1) {
    clock.pass(30_000);
    sockets.latest().say({ t: "pong" });
  }
}

test("silence after a ping is a dead connection", async () => {
  const { sockets, socket, clock } = await ready();
  clock.pass(30_000);
  expect(sockets.latest().count("ping")).toBe(1);
  clock.pass(10_000);
  expect(sockets.all[0].closed).toBe(1000);
  expect(["waiting", "connecting"]).toContain(socket.state);
});

test("a socket that was given up is not heard any more", async () => {
  const { sockets, heard, socket } = await ready();
  socket.stop();
  sockets.all[0].say({ t: "events", room: "general", events: [] });
  expect(heard.frames).toEqual([]);
});
