import { expect, test } from "bun:test";

import {
  EMPTY_LOG, afterEvents, afterHistory, afterJoined, position, trimmed, whileAsking, whileJoining, withOwn,
} from "../../../sosa_app/live/chat/log.js";
import { events, gone, message, posted, snapshot, told } from "./cast.js";

const at = (...seqs) => afterJoined(whileJoining(EMPTY_LOG), snapshot(seqs));
const seqsOf = (log) => log.messages.map(({ seq }) => seq);

test("a room without a position joins without one, and stands where the snapshot says", () => {
  expect(position(EMPTY_LOG)).toBeUndefined();
  expect(position(at(1, 2))).toEqual({ epoch: "e1", seq: 2 });
});

test("events continue the log, and those already held are dropped", () => {
  const log = afterEvents(at(1, 2), events(posted(2), posted(3), posted(4)));
  expect(seqsOf(log)).toEqual([1, 2, 3, 4]);
  expect(log.seq).toBe(4);
  expect(afterEvents(log, events(posted(4)))).toBe(log);
});

test("a gap is noticed, the position stays before it, and nothing behind it is taken", () => {
  const log = afterEvents(at(1, 2), events(posted(4)));
  expect(log.hasGap).toBe(true);
  expect(position(log).seq).toBe(2);
  expect(afterEvents(log, events(posted(3))).seq).toBe(2);
});

test("another epoch is a gap, whatever its numbers", () => {
  expect(afterEvents(at(1, 2), { ...events(posted(3)), epoch: "e2" }).hasGap).toBe(true);
});

test("an unknown kind moves the position and shows nothing", () => {
  const log = afterEvents(at(1), events({ seq: 2, kind: "juggled" }, posted(3)));
  expect(seqsOf(log)).toEqual([1, 3]);
  expect(log.seq).toBe(3);
});

test("a join with a position brings exactly what was missed", () => {
  const missed = { t: "joined", epoch: "e1", seq: 4, reset: false, events: [posted(3), posted(4)], online: [] };
  const log = afterJoined(whileJoining(at(1, 2)), missed);
  expect(seqsOf(log)).toEqual([1, 2, 3, 4]);
  expect(log.isJoined).toBe(true);
});

test("events that overtake the answer to a join are not lost", () => {
  const early = afterEvents(whileJoining(at(1, 2)), events(posted(4)));
  expect(seqsOf(early)).toEqual([1, 2]);
  const missed = { t: "joined", epoch: "e1", seq: 3, reset: false, events: [posted(3)], online: [] };
  expect(seqsOf(afterJoined(early, missed))).toEqual([1, 2, 3, 4]);
});

test("a reset forgets the room's messages", () => {
  const log = afterJoined(whileJoining(at(1, 2)), snapshot([7, 8], { epoch: "e2", more: true }));
  expect(seqsOf(log)).toEqual([7, 8]);
  expect(log.more).toBe(true);
});

test("a receipt before its event shows the message at its place, once, and moves nothing", () => {
  const log = withOwn(at(1, 2), message(4));
  expect(seqsOf(log)).toEqual([1, 2, 4]);
  expect(log.seq).toBe(2);
  expect(seqsOf(afterEvents(log, events(posted(3), posted(4))))).toEqual([1, 2, 3, 4]);
});

test("an old receipt of a retry makes no hole in the history", () => {
  const log = afterJoined(whileJoining(EMPTY_LOG), snapshot([50, 51], { more: true }));
  expect(withOwn(log, message(3))).toBe(log);
});

test("history goes on top, each message once; a page of another epoch is ignored", () => {
  const log = afterJoined(whileJoining(EMPTY_LOG), snapshot([3, 4], { more: true }));
  const page = { epoch: "e1", messages: [message(1), message(2), message(3)], more: false };
  expect(seqsOf(afterHistory(log, page))).toEqual([1, 2, 3, 4]);
  expect(afterHistory(log, page).more).toBe(false);
  expect(afterHistory(log, { ...page, epoch: "e2" })).toBe(log);
});

test("a trimmed log keeps the newest and knows that there is more", () => {
  const log = trimmed(at(1, 2, 3), 2);
  expect(seqsOf(log)).toEqual([2, 3]);
  expect(log.more).toBe(true);
});

const textsOf = (log) => log.messages.map(({ text }) => text);

test("a message is replaced by its newer state, and never by an older one", () => {
  const edited = afterEvents(at(1, 2), events(told(3, "edited", message(1, { text: "better", rev: 3 }))));
  expect(textsOf(edited)).toEqual(["better", "m2"]);
  const late = afterEvents(edited, events(told(4, "reacted", message(1, { text: "old", rev: 2 }))));
  expect(textsOf(late)).toEqual(["better", "m2"]);
  expect(late.seq).toBe(4);
});

test("what is gone is taken out, whatever the event says happened", () => {
  expect(seqsOf(afterEvents(at(1, 2), events(gone(3, 1))))).toEqual([2]);
  expect(seqsOf(afterEvents(at(1, 2), events({ ...gone(3, 7), kind: "posted" })))).toEqual([1, 2]);
});

test("a change of something older than what is held makes no hole", () => {
  const log = afterJoined(whileJoining(EMPTY_LOG), snapshot([50, 51], { more: true }));
  const after = afterEvents(log, events(told(52, "edited", message(3, { rev: 52 }))));
  expect(seqsOf(after)).toEqual([50, 51]);
  expect(after.seq).toBe(52);
});

test("what answers to a message shows it as it is now", () => {
  const reply = message(2, { reply_to: { id: "id-1", seq: 1, author_id: "ada", text: "m1" } });
  const log = afterJoined(whileJoining(EMPTY_LOG), { ...snapshot([1]), messages: [message(1), reply], seq: 2 });
  const edited = afterEvents(log, events(told(3, "edited", message(1, { text: "x".repeat(200), rev: 3 }))));
  expect(edited.messages[1].reply_to).toEqual({ id: "id-1", seq: 1, author_id: "ada", text: "x".repeat(140) });
  expect(afterEvents(edited, events(gone(4, 1))).messages[0].reply_to).toEqual({ id: "id-1" });
});

test("what happens to a message while its page is on its way happens to the page", () => {
  const log = whileAsking(afterJoined(whileJoining(EMPTY_LOG), snapshot([50], { more: true })));
  const meanwhile = afterEvents(log, events(
    told(51, "edited", message(48, { text: "better", rev: 51 })), gone(52, 49), told(53, "edited", message(9, { rev: 53 })),
  ));
  const page = { epoch: "e1", messages: [message(48), message(49)], more: true };
  const after = afterHistory(meanwhile, page);
  expect(textsOf(after)).toEqual(["better", "m50"]);
  expect(after.strays).toBe(null);
});

test("a page that is newer than an event is not made older by it", () => {
  const log = whileAsking(afterJoined(whileJoining(EMPTY_LOG), snapshot([50], { more: true })));
  const page = { epoch: "e1", messages: [message(49, { text: "newest", rev: 52 })], more: true };
  const after = afterEvents(afterHistory(log, page), events(told(51, "edited", message(49, { text: "newer", rev: 51 }))));
  expect(textsOf(after)).toEqual(["newest", "m50"]);
});
