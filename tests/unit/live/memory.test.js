import { expect, test } from "bun:test";

import { createMemory, forgetEverybody } from "../../../sosa_app/live/chat/memory.js";
import { queued } from "../../../sosa_app/live/chat/outbox.js";
import { storage } from "./cast.js";

const noon = new Date(2026, 5, 15, 12, 0, 0).getTime();

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
