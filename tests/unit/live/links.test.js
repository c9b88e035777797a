import { expect, test } from "bun:test";

import { createLinks } from "../../../sosa_app/live/chat/links.js";

function clockAt(start) {
  let now = start;
  let waiting = [];
  return {
    now: () => now,
    after: (ms, act) => { waiting.push(act); return waiting.length; },
    async pass(ms) {
      now += ms;
      const due = waiting;
      waiting = [];
      for (const act of due) await act();
    },
  };
}

function links({ clock = clockAt(1_800_000_000_000), fail = () => false } = {}) {
  const asked = [];
  const made = createLinks({
    clock,
    fetchLinks: async (ids) => {
      asked.push(ids);
      if (fail()) throw new Error("away");
      return ids.filter((id) => id !== "hidden").map((id) => ({
        id, urls: { full: `/${id}?${asked.length}` }, expires_at: new Date(clock.now() + 900_000).toISOString(),
      }));
    },
  });
  return { made, asked, clock };
}

test("a screen full of pictures is one request", async () => {
  const { made, asked, clock } = links();
  made.want(["a", "b"]);
  made.want(["b", "c"]);
  await clock.pass(16);
  expect(asked).toEqual([["a", "b", "c"]]);
  expect(made.find("b").full).toBe("/b?1");
});

test("a hundred at a time", async () => {
  const { made, asked, clock } = links();
  made.want(Array.from({ length: 150 }, (_, i) => `f${i}`));
  await clock.pass(16);
  await clock.pass(16);
  expect(asked.map((ids) => ids.length)).toEqual([100, 50]);
});

test("a link is kept until it is about to end", async () => {
  const { made, asked, clock } = links();
  made.want(["a"]);
  await clock.pass(16);
  await clock.pass(800_000);
  made.want(["a"]);
  await clock.pass(16);
  expect(asked).toHaveLength(1);
  await clock.pass(60_000);
  made.want(["a"]);
  await clock.pass(16);
  expect(asked).toHaveLength(2);
  expect(made.find("a").full).toBe("/a?2");
});

test("what may not be seen is not asked for on every occasion", async () => {
  const { made, asked, clock } = links();
  made.want(["hidden"]);
  await clock.pass(16);
  made.want(["hidden"]);
  await clock.pass(16);
  expect(asked).toHaveLength(1);
  expect(made.find("hidden")).toBeNull();
});

test("after a failure it is asked for again, later", async () => {
  let isAway = true;
  const { made, asked, clock } = links({ fail: () => isAway });
  made.want(["a"]);
  await clock.pass(16);
  expect(made.find("a")).toBeNull();
  isAway = false;
  await clock.pass(15_000);
  made.want(["a"]);
  await clock.pass(16);
  expect(made.find("a").full).toBe("/a?2");
  expect(asked).toHaveLength(2);
});
