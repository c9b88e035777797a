/**
 * The tree of a message that is more than its text (docs/protocol.md): what can be said of it without
 * drawing it. A node is a string, or an array that begins with the name of its kind.
 */

const WEB = new Set(["http:", "https:"]);
const BLOCKS = new Set(["p", "q", "ul", "ol", "pre"]);

/**
 * The address of a link, or null where it may not be one.
 *
 * The server lets none through that is not http, https or mailto. It is asked again here because a
 * javascript: address would run as the reader, and what draws must not depend on who sent.
 */
export function hrefOf(url) {
  try {
    const { protocol, username, password } = new URL(url);
    if (protocol === "mailto:") return url;
    return WEB.has(protocol) && !username && !password ? url : null;
  } catch {
    return null;
  }
}

/** The nodes inside of a node, of a kind that may not have been thought of yet. */
export function insideOf(node) {
  return node.slice(1).find(Array.isArray) ?? [];
}

/** Whether a node takes lines of its own. */
export function isBlock(node) {
  if (typeof node === "string") return false;
  return BLOCKS.has(node[0]) || (node[0] === "v" && node[1].some(isBlock));
}

/** A message in plain words, with `cover` in the place of what is veiled: for what is read aloud, and for quotes. */
export function glimpse({ body, text }, cover) {
  return body ? body.nodes.map((node) => words(node, cover)).join("").trim() : text;
}

const PLAIN = {
  c: (text) => text,
  pre: (language, text) => `${text}\n`,
  at: (name) => `@${name}`,
  e: (name) => `:${name}:`,
  luck: (kind, asked, shown, result) => result,
};

function words(node, cover) {
  if (typeof node === "string") return node;
  const [kind, ...rest] = node;
  if (kind === "v") return cover;
  if (Object.hasOwn(PLAIN, kind)) return PLAIN[kind](...rest);
  const inside = insideOf(node);
  const items = kind === "ul" || kind === "ol" ? inside.map((item) => [...item, "\n"]).flat() : inside;
  return items.map((inner) => words(inner, cover)).join("") + (kind === "p" || kind === "q" ? "\n" : "");
}

/** Whether a message names this member, outside of what it quotes from somebody else. */
export function mentions(body, userId) {
  return Boolean(body) && body.nodes.some((node) => names(node, userId));
}

function names(node, userId) {
  if (!Array.isArray(node)) return false;
  if (node[0] === "at") return node[2] === userId;
  return node[0] !== "q" && node.some((part) => names(part, userId));
}
