import { expect, test } from "bun:test";

import { measure } from "../../../sosa_app/live/chat/counter.js";

test("characters are code points, with the ends trimmed", () => {
  expect(measure("  🔥🔥  ").length).toBe(2);
  expect(measure("   ").canSend).toBe(false);
  const levels = [799, 800, 900, 950, 1001].map((length) => measure("x".repeat(length)).level);
  expect(levels).toEqual(["quiet", "shown", "amber", "red", "over"]);
  expect(measure("x".repeat(1000)).canSend).toBe(true);
  expect(measure("x".repeat(1001)).canSend).toBe(false);
});
