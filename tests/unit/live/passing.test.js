/** What one page leaves for the next in its tab. */

import { beforeEach, expect, test } from "bun:test";
import { goToDoor, leaveWord, rememberGoal, takeGoal, takeWord } from "../../../sosa_app/live/device/passing.js";

beforeEach(() => {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key),
  };
  globalThis.location = { origin: "https://sosa.example", pathname: "/settings", search: "?a=1", hash: "#devices" };
});

test("whoever was sent to the door comes back to where they were, once", () => {
  const gone = [];
  location.replace = (path) => gone.push(path);
  goToDoor();
  expect(gone).toEqual(["/sign-in"]);
  expect(takeGoal()).toBe("/settings?a=1#devices");
  expect(takeGoal()).toBe("/chat");
});

test("nobody is led to another house", () => {
  for (const path of ["//evil.example/x", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]) {
    Object.assign(location, { pathname: path, search: "", hash: "" });
    rememberGoal();
    expect(takeGoal()).toBe("/chat");
  }
});

test("a word is said once", () => {
  leaveWord("ended");
  expect(takeWord()).toBe("ended");
  expect(takeWord()).toBeNull();
});

test("where storage is switched off there is no word, and the chat is the goal", () => {
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get() { throw new Error("off"); } });
  leaveWord("ended");
  expect([takeWord(), takeGoal()]).toEqual([null, "/chat"]);
  delete globalThis.sessionStorage;
});
