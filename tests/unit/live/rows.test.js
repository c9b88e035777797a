import { expect, test } from "bun:test";

import { measure } from "../../../sosa_app/live/chat/counter.js";
import { createMemory, forgetEverybody } from "../../../sosa_app/live/chat/memory.js";
import { queued } from "../../../sosa_app/live/chat/outbox.js";
import { createPeople, nameOf, sortedByName } from "../../../sosa_app/live/chat/people.js";
import { conversationRows } from "../../../sosa_app/live/chat/rows.js";
import { manualClock, message, settled, storage } from "./cast.js";

const noon = new Date(2026, 5, 15, 12, 0, 0).getTime();
const minutes = (n) => new Date(noon + n * 60_000).toISOString();
const rowsOf = (about) =>
  conversationRows({ messages: [], queue: [], me: "ada", lineAfter: null, sentHere: new Set(), ...about });
const heads = (rows) => rows.filter(({ kind }) => kind === "message").map(({ isHead }) => isHead);

test("messages of one author are grouped while less than seven minutes lie between them", () => {
  const messages = [message(1, { at: minutes(0) }), message(2, { at: minutes(7) }), message(3, { at: minutes(14.1) })];
  expect(heads(rowsOf({ messages }))).toEqual([true, false, true]);
});

test("another author and another day begin anew", () => {
  const messages = [
    message(1, { at: minutes(719) }), message(2, { at: minutes(721) }),
    message(3, { at: minutes(721), author: "ben" }),
  ];
  const rows = rowsOf({ messages });
  expect(rows.map(({ kind }) => kind)).toEqual(["day", "message", "day", "message", "message"]);
  expect(heads(rows)).toEqual([true, true, true]);
});

test("the line is drawn once, above the first unread message of somebody else", () => {
  const messages = [
    message(1, { author: "ben", at: minutes(0) }), message(2, { at: minutes(1) }),
    message(3, { author: "ben", at: minutes(2) }), message(4, { author: "ben", at: minutes(3) }),
  ];
  const rows = rowsOf({ messages, lineAfter: 1 });
  expect(rows.map(({ kind }) => kind)).toEqual(["day", "message", "message", "line", "message", "message"]);
});

test("a row keeps its key when its message is confirmed", () => {
  const queue = queued([], { id: "client-9", text: "hi", at: noon });
  const [, pending] = rowsOf({ queue, sentHere: new Set(["client-9"]) });
  const [, sent] = rowsOf({ messages: [message(9, { at: minutes(0) })], sentHere: new Set(["client-9"]) });
  expect([pending.state, sent.state]).toEqual(["pending", "sent"]);
  expect(sent.key).toBe(pending.key);
});

test("somebody else's client id is never a key of ours", () => {
  const messages = [message(9, { author: "ben", at: minutes(0) })];
  expect(rowsOf({ messages, sentHere: new Set(["client-9"]) })[1].key).toBe("id-9");
});

test("characters are code points, with the ends trimmed", () => {
  expect(measure("  🔥🔥  ").length).toBe(2);
  expect(measure("   ").canSend).toBe(false);
  expect(["x".repeat(799), "x".repeat(800), "x".repeat(900), "x".repeat(950), "x".repeat(1001)].map((text) => measure(text).level))
    .toEqual(["quiet", "shown", "amber", "red", "over"]);
  expect(measure("x".repeat(1000)).canSend).toBe(true);
  expect(measure("x".repeat(1001)).canSend).toBe(false);
});

test("drafts and unsent messages survive a reload, in order, and are each member's own", () => {
  const disk = storage();
  const queue = queued(queued([], { id: "a", text: "first", at: noon }), { id: "b", text: "second", at: noon });
  const ada = createMemory(disk, "ada");
  ada.keepQueue("general", [], [queue[0], { ...queue[1], state: "flying" }]);
  ada.keepDraft("general", "half a thought");
  const again = createMemory(disk, "ada");
  expect(again.queue("general").map(({ id, state }) => `${id}:${state}`)).toEqual(["a:waiting", "b:waiting"]);
  expect(again.draft("general")).toBe("half a thought");
  expect(again.queue("games")).toEqual([]);
  expect(createMemory(disk, "ben").draft("general")).toBe("");
  forgetEverybody(disk);
  expect(createMemory(disk, "ada").queue("general")).toEqual([]);
});

test("two tabs do not erase each other's unsent messages", () => {
  const disk = storage();
  const [here, there] = [createMemory(disk, "ada"), createMemory(disk, "ada")];
  const mine = queued([], { id: "a", text: "a", at: noon });
  here.keepQueue("general", [], mine);
  there.keepQueue("general", [], queued([], { id: "b", text: "b", at: noon + 1 }));
  here.keepQueue("general", mine, []);
  expect(here.queue("general").map(({ id }) => id)).toEqual(["b"]);
});

test("storage that refuses loses nothing on the page", () => {
  const refusing = { getItem() { throw new Error("no"); }, setItem() { throw new Error("full"); }, removeItem() {} };
  const memory = createMemory(refusing, "ada");
  memory.keepDraft("general", "x");
  expect(memory.draft("general")).toBe("");
});

test("profiles are asked for together, once, and again after a failure", async () => {
  const clock = manualClock();
  const asked = [];
  let isDown = true;
  const fetchProfiles = async (ids) => {
    asked.push(ids);
    if (isDown) throw new Error("down");
    return [{ user_id: "ben", nickname: "Benny" }];
  };
  const people = createPeople({ fetchProfiles, clock, changed() {} });
  people.want(["ben", "cleo"]);
  people.want(["ben"]);
  clock.pass(30);
  await settled();
  isDown = false;
  clock.pass(5_000);
  await settled();
  people.want(["ben", "cleo"]);
  clock.pass(5_000);
  expect(asked).toEqual([["ben", "cleo"], ["ben", "cleo"]]);
  expect([nameOf(people.find("ben")), nameOf(people.find("cleo")), nameOf(people.find("dora"))])
    .toEqual(["Benny", "Somebody", "…"]);
});

test("people are sorted the way people sort names", () => {
  const named = (...names) => new Map(names.map((nickname) => [nickname, { nickname }]));
  expect(sortedByName(["Ada 10", "ben", "Ada 2"], named("Ada 10", "ben", "Ada 2"))).toEqual(["Ada 2", "Ada 10", "ben"]);
});
