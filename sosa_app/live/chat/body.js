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

/** Whether a message names this member, outside of what it quotes from somebody else. */
export function mentions(body, userId) {
  return Boolean(body) && body.nodes.some((node) => names(node, userId));
}

function names(node, userId) {
  if (!Array.isArray(node)) return false;
  if (node[0] === "at") return node[2] === userId;
  return node[0] !== "q" && node.some((part) => names(part, userId));
}
