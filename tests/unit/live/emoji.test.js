import { expect, test } from "bun:test";

import { GROUPS } from "../../../sosa_app/live/chat/emoji-list.js";
import {
  catalog, emojiHabits, emojiSource, loadEmoji, nameOfEmoji, searchEmoji, toned,
} from "../../../sosa_app/live/chat/emoji.js";
import { WORDS } from "../../../sosa_app/live/chat/words.js";
import { storage } from "./cast.js";

const { all, groups } = catalog(GROUPS);
const first = (typed) => searchEmoji(all, typed)[0]?.emoji;
const named = (name) => all.find(({ names }) => names.includes(name));

test("there are all groups with names, and each emoji has a name of its own", () => {
  expect(groups.length).toBe(WORDS.emoji.groups.length);
  expect(all.length).toBeGreaterThan(1_800);
  expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length);
  expect(all.filter((item) => !nameOfEmoji(item))).toEqual([]);
});

test("emoji are found by the names people know, by beginnings and by what they are about", () => {
  expect([first("tada"), first("+1"), first("smile"), first("lion"), first("LION"), first(":heart:")]).toEqual(["🎉", "👍️", "😄", "🦁", "🦁", "❤️"]);
  expect(searchEmoji(all, "thumbs").map(({ emoji }) => emoji)).toContain("👎️");
  expect(searchEmoji(all, "birthday").map(({ emoji }) => emoji)).toContain("🎂");
  expect(searchEmoji(all, "red heart").map(({ emoji }) => emoji)[0]).toBe("❤️");
});

test("nothing fits nonsense, and nothing is found for nothing", () => {
  expect(searchEmoji(all, "xyzzy")).toEqual([]);
  expect([searchEmoji(all, ""), searchEmoji(all, " : ")]).toEqual([[], []]);
  expect(searchEmoji(all, "a", 3).length).toBe(3);
});

test("hands take a tone, where the selector was; the sun does not", () => {
  expect(toned(named("wave"), 3)).toBe("👋🏽");
  expect(toned(named("v"), 1)).toBe("✌🏻");
  expect(toned(named("woman_technologist") ?? named("woman_with_computer"), 5)).toMatch(/^👩🏿\u200D💻$/u);
  expect(toned(named("sunny"), 3)).toBe(named("sunny").emoji);
  expect(toned(named("wave"), 0)).toBe("👋");
});

test("what was used lately comes first, once, per member, and is forgotten with them", () => {
  const disk = storage();
  const ada = emojiHabits(disk, "ada");
  for (const emoji of ["🦁", "🔥", "🦁"]) ada.use(emoji);
  expect(ada.recent()).toEqual(["🦁", "🔥"]);
  expect(emojiHabits(disk, "ben").recent()).toEqual([]);
  for (let n = 0; n < 40; n += 1) ada.use(`e${n}`);
  expect(ada.recent().length).toBe(24);
  expect(Object.keys(disk).every((key) => key.startsWith("sosa:"))).toBe(true);
});

test("a browser that keeps nothing, or kept nonsense, has no habits", () => {
  const none = emojiHabits(null, "ada");
  none.use("🦁");
  expect([none.recent(), none.tone()]).toEqual([[], 0]);
  const disk = storage();
  disk.setItem("sosa:emoji:ada", '{"a":1}');
  disk.setItem("sosa:tone:ada", '"x"');
  expect([emojiHabits(disk, "ada").recent(), emojiHabits(disk, "ada").tone()]).toEqual([[], 0]);
});

test("suggestions are three at most, in the tone that was chosen", async () => {
  const habits = emojiHabits(storage(), "ada");
  habits.setTone(2);
  const items = await emojiSource(habits).find("wave");
  expect(items[0].insert).toBe("👋🏼 ");
  expect(items.length).toBeLessThanOrEqual(3);
  expect((await loadEmoji()).all.length).toBe(all.length);
});
