import { expect, test } from "bun:test";

import {
  STALE_MS, aged, landed, nextBatch, queued, refused, retried, returned, sentOff, without,
} from "../../../sosa_app/live/chat/outbox.js";

const now = 1_800_000_000_000;
const queueOf = (...ids) => ids.reduce((queue, id) => queued(queue, { id, text: `say ${id}`, at: now }), []);
const idsOf = (drafts) => drafts.map(({ id }) => id);
const states = (queue) => queue.map(({ id, state }) => `${id}:${state}`);
const ok = (id) => ({ id, message_id: `m-${id}`, seq: 1, sent_at: "2027-01-01T00:00:00Z" });
const no = (id) => ({ id, error: { code: "invalid", message: "No." } });

test("what gathers goes into the next frame, in order, and only one frame is unanswered", () => {
  const queue = queueOf("a", "b");
  const flying = sentOff(queue, nextBatch(queue));
  const longer = queued(flying, { id: "c", text: "c", at: now });
  expect(nextBatch(longer)).toEqual([]);
  expect(idsOf(nextBatch(landed(longer, [ok("a"), ok("b")])))).toEqual(["c"]);
});

test("a frame holds twenty messages at most", () => {
  const queue = queueOf(...Array.from({ length: 25 }, (_, i) => `d${i}`));
  expect(nextBatch(queue)).toHaveLength(20);
});

test("a frame stays below 32 KiB, counted in bytes", () => {
  const queue = Array.from({ length: 20 }, (_, i) => `d${i}`).reduce(
    (soFar, id) => queued(soFar, { id, text: "🔥".repeat(1000), at: now }), [],
  );
  const frame = JSON.stringify({ messages: nextBatch(queue).map(({ id, text }) => ({ id, text })) });
  expect(new TextEncoder().encode(frame).length).toBeLessThan(32 * 1024 - 200);
  expect(nextBatch(queue).length).toBeGreaterThan(5);
});

test("a refused one stays in its place and holds back those behind it", () => {
  let queue = queueOf("a", "b");
  queue = landed(sentOff(queue, nextBatch(queue)), [no("a"), ok("b")]);
  queue = queued(queue, { id: "c", text: "c", at: now });
  expect(states(queue)).toEqual(["a:failed", "c:waiting"]);
  expect(nextBatch(queue)).toEqual([]);
});

test("a retry keeps the id and the order; a discard lets the others go", () => {
  const queue = refused(sentOff(queueOf("a", "b"), queueOf("a")), { code: "x", message: "No." });
  expect(idsOf(nextBatch(retried(queue, "a", now)))).toEqual(["a", "b"]);
  expect(idsOf(nextBatch(without(queue, new Set(["a"]))))).toEqual(["b"]);
});

test("what was flying when the connection was lost goes again, with the same ids", () => {
  const queue = queueOf("a", "b");
  expect(idsOf(nextBatch(returned(sentOff(queue, queue))))).toEqual(["a", "b"]);
});

test("a draft without a receipt goes again", () => {
  const queue = queueOf("a", "b");
  expect(states(landed(sentOff(queue, queue), [ok("a")]))).toEqual(["b:waiting"]);
});

test("a draft that waited too long is not sent unasked", () => {
  const queue = queueOf("a");
  expect(states(aged(queue, now + STALE_MS))).toEqual(["a:waiting"]);
  expect(states(aged(queue, now + STALE_MS + 1))).toEqual(["a:failed"]);
});

test("drafts of one moment have an order of their own", () => {
  const [first, second] = queueOf("a", "b");
  expect(second.order).toBeGreaterThan(first.order);
});
