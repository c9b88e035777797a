/**
 * The tray of one room: files on their way in, before a message holds them.
 *
 * An item is `{id, name, size, kind, preview, state, progress, fileId, file, alt, error, isFinal}`. Its state is
 * `waiting`, `going` (bytes are on their way), `looking` (the server looks at them), `ready` or `failed`; after
 * an error that is final there is no second try. Whatever breaks on the way may be tried again under the same
 * id: the server begins the same upload once more.
 */

/** Of one message. */
export const MAX_FILES = 10;
const AT_ONCE = 3;
const MB = 1024 * 1024;
export const MAX_PICTURE_BYTES = 20 * MB;
export const MAX_FILE_BYTES = 25 * MB;
const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
/** Errors that another try of the same bytes would only meet again. */
const FINAL = ["file_too_large", "unreadable_picture", "picture_too_big", "too_many", "empty_file"];

/**
 * A tray: `{add, remove, retry, describe, take, items, subscribe}`.
 *
 * `call` asks messaging, `put(way, file, {onProgress, signal})` brings bytes, `newId()` names an upload,
 * `preview(file)` makes an address to look at and `release` gives it back.
 */
export function createUploads({ call, put, newId, preview, release }) {
  let items = [];
  const held = new Map();
  const listeners = new Set();

  function set(next) {
    items = next;
    for (const listener of listeners) listener();
  }

  function change(id, values) {
    if (items.some((item) => item.id === id)) set(items.map((item) => (item.id === id ? { ...item, ...values } : item)));
  }

  function add(files) {
    const fresh = [...files].map(fromFile);
    let room = MAX_FILES - items.filter((item) => !item.isFinal).length;
    const kept = fresh.filter((item) => item.isFinal || room-- > 0);
    for (const item of fresh) if (!kept.includes(item)) forget(item);
    set([...items, ...kept]);
    pump();
    return fresh.length - kept.length;
  }

  function fromFile(file) {
    const id = newId();
    const kind = PICTURES.includes(file.type) ? "picture" : "file";
    const most = kind === "picture" ? MAX_PICTURE_BYTES : MAX_FILE_BYTES;
    const code = file.size === 0 ? "empty_file" : file.size > most ? "file_too_large" : null;
    held.set(id, { file, abort: null });
    return {
      id, kind, name: file.name || "picture", size: file.size, preview: kind === "picture" ? preview(file) : null,
      state: code ? "failed" : "waiting", progress: 0, fileId: null, file: null, alt: "",
      error: code && { code }, isFinal: code !== null,
    };
  }

  function pump() {
    const busy = items.filter(({ state }) => state === "going" || state === "looking").length;
    for (const item of items.filter(({ state }) => state === "waiting").slice(0, Math.max(0, AT_ONCE - busy))) bring(item);
  }

  async function bring({ id, name, size }) {
    const { file } = held.get(id);
    const abort = new AbortController();
    held.get(id).abort = abort;
    change(id, { state: "going", progress: 0, error: null });
    try {
      const asked = { files: [{ id, name, size, media_type: file.type }] };
      const [way] = (await call("POST", "/messaging/v1/files", asked)).uploads;
      if (abort.signal.aborted) return gone(way.file_id);
      change(id, { fileId: way.file_id });
      await put(way, file, { signal: abort.signal, onProgress: (progress) => change(id, { progress }) });
      change(id, { state: "looking", progress: 1 });
      const found = await call("POST", `/messaging/v1/files/${way.file_id}/finish`, {});
      if (abort.signal.aborted) return gone(way.file_id);
      change(id, { state: "ready", file: found });
      const { alt } = items.find((item) => item.id === id) ?? {};
      if (alt) await tell(way.file_id, alt);
    } catch (error) {
      if (abort.signal.aborted) return;
      change(id, { state: "failed", error: { code: error.code, message: error.message }, isFinal: FINAL.includes(error.code) });
    } finally {
      pump();
    }
  }

  /** The server forgets in a day what nobody sends; this is only sooner. */
  function gone(fileId) {
    call("DELETE", `/messaging/v1/files/${fileId}`).catch(() => {});
  }

  async function tell(fileId, alt) {
    try {
      return await call("PATCH", `/messaging/v1/files/${fileId}`, { alt });
    } catch {
      // Words for a picture must not keep it from being sent.
      return null;
    }
  }

  function remove(id) {
    const item = items.find((each) => each.id === id);
    if (!item) return;
    held.get(id)?.abort?.abort();
    set(items.filter((each) => each !== item));
    if (item.fileId) gone(item.fileId);
    forget(item);
    pump();
  }

  function retry(id) {
    const item = items.find((each) => each.id === id);
    if (item?.state !== "failed" || item.isFinal) return;
    change(id, { state: "waiting", error: null });
    pump();
  }

  async function describe(id, alt) {
    change(id, { alt });
    const item = items.find((each) => each.id === id);
    if (item?.state !== "ready") return;
    const told = await tell(item.fileId, alt);
    if (told) change(id, { file: told });
  }

  /** What a message takes along, in order, and an empty tray; null while something is not ready. */
  function take() {
    if (!canSend(items)) return null;
    const taken = items.map(({ file }) => file);
    for (const item of items) forget(item);
    set([]);
    return taken;
  }

  function forget(item) {
    held.delete(item.id);
    if (item.preview) release(item.preview);
  }

  return {
    add, remove, retry, describe, take,
    items: () => items,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  };
}

/** Whether all that is in a tray may go with a message. */
export const canSend = (items) => items.every(({ state }) => state === "ready");

/** A size as people say it. */
export function readableSize(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
