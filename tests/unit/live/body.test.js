import { expect, mock, test } from "bun:test";

import { glimpse, hrefOf, insideOf, isBlock, mentions } from "../../../sosa_app/live/chat/body.js";
import { drawn, fakeReact, find, wordsIn } from "./drawing.js";

for (const [name, fake] of Object.entries(fakeReact)) mock.module(name, fake);
mock.module("../../../sosa_app/live/chat/body.module.css", () => ({ default: new Proxy({}, { get: (_, name) => name }) }));
const { Body } = await import("../../../sosa_app/live/chat/Body.jsx");

const draw = (nodes, about) => drawn(Body, { body: { nodes, ...about }, author: "Ada" });

test("only addresses that open a page or a letter are links", () => {
  expect(hrefOf("https://a.org/x")).toBe("https://a.org/x");
  expect(hrefOf("mailto:ada@a.org")).toBe("mailto:ada@a.org");
  for (const url of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//a.org", "/x", "", "https://a@b.org", "blob:https://a.org/x"]) {
    expect(hrefOf(url)).toBe(null);
  }
});

test("a link leaves alone, and says neither where from nor whose friend it is", () => {
  const [link] = find(draw([["a", "https://a.org", ["here"], ""]]), "a");
  expect(link.props.href).toBe("https://a.org");
  expect(link.props.target).toBe("_blank");
  expect(link.props.rel.split(" ").sort()).toEqual(["nofollow", "noopener", "noreferrer", "ugc"]);
});

test("a link that may not be one is its words", () => {
  const tree = draw([["a", "javascript:alert(1)", ["here"], ""]]);
  expect(find(tree, "a")).toEqual([]);
  expect(wordsIn(tree)).toBe("here");
});

test("the true host stands beside words that look like another", () => {
  expect(wordsIn(draw([["a", "https://evil.example", ["bank.example"], "evil.example"]]))).toBe("bank.example (evil.example)");
});

test("markup in a text is text", () => {
  const tree = draw(["<img src=x onerror=alert(1)>", ["b", ["<script>"]]]);
  expect(wordsIn(tree)).toBe("<img src=x onerror=alert(1)><script>");
  expect([...find(tree, "img"), ...find(tree, "script")]).toEqual([]);
});

test("every kind of node is drawn with all that is in it", () => {
  const tree = draw([
    ["p", ["one"]], ["b", ["two"]], ["i", ["three"]], ["s", ["four"]], ["c", "five"], ["pre", "js", "six"], ["q", ["seven"]],
    ["ul", [["eight"]]], ["ol", 3, [["nine"]]], ["at", "ben", "id-ben"], ["e", "party", "e1"], ["luck", "dice", "1d6", [4], "4"],
  ]);
  for (const word of "one two three four five six seven eight nine @ben :party: 4".split(" ")) expect(wordsIn(tree)).toContain(word);
  expect(find(tree, "ol")[0].props.start).toBe(3);
});

test("a kind that nobody has thought of yet is drawn by what is inside", () => {
  expect(wordsIn(draw([["marquee", 7, ["still ", ["b", ["here"]]]], ["constructor", ["too"]], ["rule"]]))).toBe("still heretoo");
  expect(insideOf(["x", "y"])).toEqual([]);
});

test("what is veiled is a button, and hidden from whoever listens", () => {
  const tree = draw([["v", ["the butler"], "spoiler"]]);
  const [button] = find(tree, "span").filter(({ props }) => props.role === "button");
  expect([button.props.tabIndex, typeof button.props["aria-label"]]).toEqual([0, "string"]);
  const [hidden] = find(button, "span").filter(({ props }) => props["aria-hidden"]);
  expect(hidden.props.inert).toBe(true);
  expect(wordsIn(hidden)).toBe("the butler");
});

test("a deed begins with who does it", () => {
  expect(wordsIn(draw(["waves"], { style: "action" }))).toBe("Ada waves");
});

test("a message is for me where it names me, and not where it quotes somebody who did", () => {
  expect(mentions({ nodes: ["hi ", ["b", [["at", "ada", "id-ada"]]]] }, "id-ada")).toBe(true);
  expect(mentions({ nodes: [["ul", [["x"], [["at", "ada", "id-ada"]]]]] }, "id-ada")).toBe(true);
  expect(mentions({ nodes: [["q", [["at", "ada", "id-ada"]]], "no"] }, "id-ada")).toBe(false);
  expect(mentions({ nodes: [["at", "ben", "id-ben"], "id-ada"] }, "id-ada")).toBe(false);
  expect(mentions(null, "id-ada")).toBe(false);
});

test("a veil over lines is a block", () => {
  expect(isBlock(["v", [["p", ["x"]]], "spoiler"])).toBe(true);
  expect(isBlock(["v", ["x"], "spoiler"])).toBe(false);
});

test("a glimpse is plain words, and lifts no veil", () => {
  const nodes = [["p", [["b", ["The"]], " end: ", ["v", ["the butler"], "spoiler"], " ", ["at", "ada", "id-ada"]]], ["ul", [["so"], [["c", "x"]]]]];
  expect(glimpse({ text: "", body: { nodes } }, "[hidden]")).toBe("The end: [hidden] @ada\nso\nx");
  expect(glimpse({ text: "as it is", body: null }, "")).toBe("as it is");
});
