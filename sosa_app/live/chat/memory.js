/**
 * What survives a reload: drafts, what is not confirmed yet, and how far I read, per member and room.
 *
 * Each unsent message and change has an entry of its own, because two tabs that wrote one list would erase each
 * other's. Storage may be full or forbidden; then the page works and forgets.
 */

import { MAX_QUEUE } from "./outbox.js";

/** Longer drafts are kept on the page only; nobody can send them as they are. */
const MAX_DRAFT = 8_000;

/** The memory of one member in `storage` (localStorage). */
export function createMemory(storage, userId) {
  const key = (kind, ...rest) => ["sosa", kind, userId, ...rest].join(":");
  return {
    draft: (roomId) => read(storage, key("draft", roomId)) ?? "",
    keepDraft: (roomId, text) => keep(storage, key("draft", roomId), text.slice(0, MAX_DRAFT) || null),
    seen: (roomId) => read(storage, key("seen", roomId)),
    keepSeen: (roomId, seen) => keep(storage, key("seen", roomId), seen),
    queue: (roomId) => unsent(storage, key("unsent", roomId, ""), ({ text }) => typeof text === "string"),
    keepQueue: (roomId, before, after) => keepEach(storage, key("unsent", roomId, ""), before, after),
    deeds: (roomId) => unsent(storage, key("undone", roomId, ""), ({ act }) => typeof act?.kind === "string"),
    keepDeeds: (roomId, before, after) => keepEach(storage, key("undone", roomId, ""), before, after),
  };
}

/** Forget all that members left unsaid here. For a sign-out: the next person may use the same browser. */
export function forgetEverybody(storage = pageStorage()) {
  for (const key of keysOf(storage, "sosa:")) keep(storage, key, null);
}

/** This browser's storage; null in browsers that throw at its mere mention. The memory copes with nothing. */
export function pageStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function keepEach(storage, prefix, before, after) {
  const ids = new Set(after.map(({ id }) => id));
  for (const { id } of before) if (!ids.has(id)) keep(storage, prefix + id, null);
  for (const entry of after) if (!before.includes(entry)) keep(storage, prefix + entry.id, entry);
}

function unsent(storage, prefix, isWhole) {
  const entries = keysOf(storage, prefix).map((key) => read(storage, key));
  return entries
    .filter((entry) => typeof entry?.id === "string" && isWhole(entry))
    .map((entry) => ({ ...entry, state: entry.state === "failed" ? "failed" : "waiting" }))
    .sort((a, b) => a.order - b.order)
    .slice(0, MAX_QUEUE);
}

function keysOf(storage, prefix) {
  try {
    return Object.keys(storage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function keep(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the message is still on the page and on its way.
  }
}
