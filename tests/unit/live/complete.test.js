import { expect, test } from "bun:test";

import { emojiPiece, placed, wordAt } from "../../../sosa_app/live/chat/complete.js";

const TRIGGERS = [":", "@"];

test("the word at the caret is what follows a trigger at its start", () => {
  expect(wordAt("hi :smi", 7, TRIGGERS)).toEqual({ trigger: ":", query: "smi", from: 3, to: 7 });
  expect(wordAt("@", 1, TRIGGERS)).toEqual({ trigger: "@", query: "", from: 0, to: 1 });
  expect(wordAt("(@Zoë there", 5, TRIGGERS)).toEqual({ trigger: "@", query: "Zoë", from: 1, to: 5 });
});

test("addresses, times, words that are finished and other signs are left alone", () => {
  for (const [text, caret] of [["ada@a", 5], ["10:30", 5], [":smi ", 5], ["#smi", 4], [":smile", 3], ["", 0], ["https://x", 9]]) {
    expect(wordAt(text, caret, TRIGGERS)).toBe(null);
  }
});

test("an endless word costs nothing and is no name", () => {
  expect(wordAt(`@${"a".repeat(100_000)}`, 100_001, TRIGGERS)).toBe(null);
});

test("what is chosen takes the place of the word, and the caret goes behind it", () => {
  expect(placed("so :tad now", 3, 7, "🎉")).toEqual({ text: "so 🎉 now", caret: 5 });
});

test("an emoji does not stick to letters", () => {
  expect(emojiPiece("hello", 5, 5, "🦁")).toBe(" 🦁 ");
  expect(emojiPiece("hello ", 6, 6, "🦁")).toBe("🦁 ");
  expect(emojiPiece("hello world", 5, 5, "🦁")).toBe(" 🦁");
  expect(emojiPiece("🦁", 2, 2, "🦁")).toBe("🦁 ");
});
