import { expect, test } from "bun:test";

import { createChat } from "../../../sosa_app/live/chat/chat.js";
import { createMemory } from "../../../sosa_app/live/chat/memory.js";
import { createSocket } from "../../../sosa_app/live/chat/socket.js";
import { events, fakeWebSockets, manualClock, posted, settled, snapshot, storage } from "./cast.js";

const LIST = [{ id: "general", name: "general" }, { id: "pets", name: "pets" }];

/** A page of ada's with her storage, whose server is the test. */
function page(disk = storage(), clock = manualClock()) {
  const sockets = fakeWebSockets();
  let count = 0;
  const chat = createChat({
    me: "ada", list: LIST, clock, memory: createMemory(disk, "ada"), signedOut() {},
    connect: (on) => createSocket({
      open: sockets.open, clock, on, isSignedIn: async () => true, ticket: async () => ({ ticket: "t", proof: "p" }),
    }),
    gather: () => ({ want() {}, all: () => new Map() }),
    newId: () => { count += 1; return `draft-${count}`; },
  });
  chat.open("general");
  return { chat, sockets, clock, disk, room: () => chat.snapshot().room };
}

async function online(it, answer = snapshot([1, 2])) {
  it.sockets.latest().accept();
  it.sockets.latest().say({ t: "hello", v: 1, cn: "c" });
  await settled();
  it.sockets.latest().say({ t: "ready", user: "ada", session: "s", exp: it.clock.now() / 1000 + 900 });
  for (const { re, room } of it.sockets.latest().sent.filter(({ t }) => t === "join")) {
    it.sockets.latest().say({ ...answer, re, room });
  }
}

async function started(disk) {
  const it = page(disk);
  it.chat.start();
  await online(it);
  return it;
}

const sends = (it) => it.sockets.latest().sent.filter(({ t }) => t === "send");
const textsOf = (it) => it.room().log.messages.map(({ text }) => text);
const receipts = (send, from) => ({
  t: "sent", re: send.re, room: send.room,
  receipts: send.messages.map(({ id }, i) => ({
    id, message_id: `id-${from + i}`, seq: from + i, sent_at: "2027-01-15T08:00:05Z",
  })),
});

test("the open room is joined first, and the page is live when all are", async () => {
  const it = page();
  it.chat.start();
  expect(it.chat.snapshot().phase).toBe("connecting");
  await online(it);
  expect(it.sockets.latest().sent.filter(({ t }) => t === "join").map(({ room }) => room)).toEqual(["general", "pets"]);
  expect(it.chat.snapshot().phase).toBe("live");
});

test("what I say is there at once, and once only when it is confirmed", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  expect(it.room().queue.map(({ text }) => text)).toEqual(["hello"]);
  it.sockets.latest().say(receipts(sends(it)[0], 3));
  expect(it.room().queue).toEqual([]);
  it.sockets.latest().say(events(posted(3, { author: "ada", client: "draft-1", text: "hello" })));
  expect(textsOf(it)).toEqual(["m1", "m2", "hello"]);
});

test("an own message whose event comes before its receipt is there once", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  it.sockets.latest().say(events(posted(3, { author: "ada", client: "draft-1", text: "hello" })));
  it.clock.pass(50);
  expect(it.room().queue).toEqual([]);
  it.sockets.latest().say(receipts(sends(it)[0], 3));
  expect(textsOf(it)).toEqual(["m1", "m2", "hello"]);
});

test("one send is unanswered at a time; what gathers goes together", async () => {
  const it = await started();
  for (const text of ["a", "b", "c"]) it.chat.say("general", text);
  expect(sends(it)).toHaveLength(1);
  it.sockets.latest().say(receipts(sends(it)[0], 3));
  expect(sends(it)[1].messages.map(({ text }) => text)).toEqual(["b", "c"]);
});

test("a lost answer is asked for again with the same id, from where the client stands", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  const first = sends(it)[0];
  it.sockets.latest().end(1006);
  expect(it.chat.snapshot().phase).toBe("reconnecting");
  it.chat.nudge();
  it.sockets.latest().accept();
  it.sockets.latest().say({ t: "hello", v: 1, cn: "c2" });
  await settled();
  it.sockets.latest().say({ t: "ready", exp: it.clock.now() / 1000 + 900 });
  expect(it.chat.snapshot().phase).toBe("catching-up");
  const join = it.sockets.latest().sent.find(({ t, room }) => t === "join" && room === "general");
  expect(join.at).toEqual({ epoch: "e1", seq: 2 });
  expect(sends(it)).toHaveLength(0);
  it.sockets.latest().say({
    t: "joined", re: join.re, room: "general", epoch: "e1", seq: 3, reset: false, online: [],
    events: [posted(3, { author: "ben" })],
  });
  expect(sends(it)[0].messages).toEqual(first.messages);
});

test("what arrived although its answer was lost is not said again", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  it.sockets.latest().end(1006);
  it.chat.nudge();
  const mine = posted(3, { author: "ada", client: "draft-1", text: "hello" });
  await online(it, { t: "joined", epoch: "e1", seq: 3, reset: false, events: [mine], online: [] });
  expect(sends(it)).toHaveLength(0);
  expect(textsOf(it)).toEqual(["m1", "m2", "hello"]);
});

test("a gap makes the client join again with its position", async () => {
  const it = await started();
  it.sockets.latest().say(events(posted(5)));
  const joins = it.sockets.latest().sent.filter(({ t }) => t === "join");
  expect(joins).toHaveLength(3);
  expect(joins[2].at).toEqual({ epoch: "e1", seq: 2 });
});

test("unsent messages survive a reload and go out by themselves", async () => {
  const before = page();
  before.chat.start();
  before.chat.say("general", "one");
  before.chat.say("general", "two");
  const after = await started(before.disk);
  expect(sends(after)[0].messages).toEqual([{ id: "draft-1", text: "one" }, { id: "draft-2", text: "two" }]);
});

test("a refusal is shown at the message; retry sends the same id again", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  it.sockets.latest().say({
    t: "error", re: sends(it)[0].re, status: 403, errors: [{ code: "forbidden", message: "Not here." }],
  });
  it.chat.say("general", "later");
  expect(it.room().queue.map(({ state }) => state)).toEqual(["failed", "waiting"]);
  expect(it.room().queue[0].error.message).toBe("Not here.");
  expect(sends(it)).toHaveLength(1);
  it.chat.retry("general", "draft-1");
  expect(sends(it)[1].messages.map(({ id }) => id)).toEqual(["draft-1", "draft-2"]);
});

test("too fast is not a failure: it goes again by itself", async () => {
  const it = await started();
  it.chat.say("general", "hello");
  it.sockets.latest().say({ t: "error", re: sends(it)[0].re, status: 429, errors: [{ code: "rate_limited", message: "Slow." }] });
  expect(it.room().queue[0].state).toBe("waiting");
  it.clock.pass(2_000);
  expect(sends(it)).toHaveLength(2);
});

test("what I did not see is unread, below a line that stays while I read", async () => {
  const it = await started();
  it.chat.watch("general", true);
  it.sockets.latest().say(events(posted(3, { author: "ben" })));
  it.clock.pass(50);
  expect(it.chat.snapshot().rooms[0].unread.count).toBe(0);
  it.chat.watch("general", false);
  it.sockets.latest().say(events(posted(4, { author: "ben" })));
  it.clock.pass(50);
  expect(it.chat.snapshot().rooms[0].unread.count).toBe(1);
  it.chat.watch("general", true);
  expect(it.chat.snapshot().rooms[0].unread.count).toBe(0);
  expect(it.room().lineAfter).toBe(3);
  it.chat.open("pets");
  it.chat.open("general");
  expect(it.room().lineAfter).toBeNull();
});

test("who comes and goes is kept, and joining again holds the whole truth", async () => {
  const it = await started();
  it.sockets.latest().say({ t: "online", room: "general", came: ["ben", "cleo"], went: [] });
  it.sockets.latest().say({ t: "online", room: "general", came: [], went: ["ben"] });
  it.clock.pass(50);
  expect([...it.room().online]).toEqual(["cleo"]);
});

test("a room that is not there any more does not keep the others from being live", async () => {
  const it = page();
  it.chat.start();
  it.sockets.latest().accept();
  it.sockets.latest().say({ t: "hello", v: 1, cn: "c" });
  await settled();
  it.sockets.latest().say({ t: "ready", exp: it.clock.now() / 1000 + 900 });
  const [general, pets] = it.sockets.latest().sent.filter(({ t }) => t === "join");
  it.sockets.latest().say({ ...snapshot([1]), re: general.re });
  it.sockets.latest().say({ t: "error", re: pets.re, status: 404, errors: [{ code: "not_found", message: "Gone." }] });
  expect(it.chat.snapshot().phase).toBe("live");
  expect(it.chat.snapshot().rooms[1].trouble.message).toBe("Gone.");
});

test("older messages are asked for once, and go on top", async () => {
  const it = page();
  it.chat.start();
  await online(it, snapshot([51, 52], { more: true }));
  it.chat.loadOlder("general");
  it.chat.loadOlder("general");
  const asked = it.sockets.latest().sent.filter(({ t }) => t === "history");
  expect(asked).toHaveLength(1);
  expect(asked[0].before).toBe(51);
  it.sockets.latest().say({
    t: "history", re: asked[0].re, room: "general", epoch: "e1", messages: snapshot([49, 50]).messages, more: false,
  });
  expect(textsOf(it)).toEqual(["m49", "m50", "m51", "m52"]);
});
