/** Ties trays and links to the page: its keys, its requests, and React. */

import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

import { call } from "$/public/external/sosa_app/live/device/device.js";

import { createLinks } from "./links.js";
import { put } from "./put.js";
import { createUploads } from "./uploads.js";

const clock = { now: () => Date.now(), after: (ms, act) => setTimeout(act, ms) };
const ask = (method, path, body) => call("messaging", method, path, body);

/** Trays by room, for the life of a chat: who looks into another room finds them again. */
const trays = new WeakMap();

/** `{tray, items, tooMany, onFiles}`: what the next message in a room takes along. */
export function useBag(chat, roomId) {
  const tray = trayOf(chat, roomId);
  const items = useSyncExternalStore(tray.subscribe, tray.items, tray.items);
  const [tooMany, setTooMany] = useState(0);
  const onFiles = useCallback((files) => setTooMany(tray.add(files)), [tray]);
  return { tray, items, tooMany, onFiles };
}

function trayOf(chat, roomId) {
  if (!trays.has(chat)) trays.set(chat, new Map());
  const rooms = trays.get(chat);
  if (!rooms.has(roomId)) {
    rooms.set(roomId, createUploads({
      call: ask, put, newId,
      preview: (file) => URL.createObjectURL(file), release: (url) => URL.revokeObjectURL(url),
    }));
  }
  return rooms.get(roomId);
}

/** One for the page. A link opens nothing for another member, and a page has but one. */
const links = createLinks({ clock, fetchLinks });

async function fetchLinks(ids) {
  const query = ids.map((id) => `id=${encodeURIComponent(id)}`).join("&");
  return (await ask("GET", `/messaging/v1/files?${query}`)).files;
}

/** Where files are, by id: `{small, medium, full}`, or null while that is not known. */
export function useLinks(files) {
  const version = useSyncExternalStore(links.subscribe, links.version, links.version);
  const ids = files.map(({ id }) => id).join(" ");
  useEffect(() => links.want(ids.split(" ").filter(Boolean)), [ids, version]);
  return (id) => links.find(id);
}

/** The first link that was had: a new one would load the same picture again. */
export function useFirst(url) {
  const [first, setFirst] = useState(url);
  if (first === null && url !== null) setFirst(url);
  return [first ?? url, () => setFirst(url)];
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
