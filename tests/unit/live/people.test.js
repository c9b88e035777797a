import { expect, test } from "bun:test";

import { createPeople, nameOf, sortedByName } from "../../../sosa_app/live/chat/people.js";
import { manualClock, settled } from "./cast.js";

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
