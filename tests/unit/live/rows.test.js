import { expect, test } from "bun:test";

import { queued } from "../../../sosa_app/live/chat/outbox.js";
import { conversationRows } from "../../../sosa_app/live/chat/rows.js";
import { message } from "./cast.js";

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
