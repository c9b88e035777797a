/**
 * Where files are, asked for many at a time: a screen full of pictures is one request.
 *
 * Links are good for a while only. One that is about to end is asked for anew when it is wanted next; a picture
 * that is on the screen keeps the one that it was loaded with.
 */

/** Wanted within this time is asked for together. */
const GATHER_MS = 16;
const MAX_ASKED = 100;
const SPARE_MS = 60_000;
/** What could not be had is asked for again after this, if it is still wanted. */
const AGAIN_MS = 15_000;

/** `{want(ids), find(id), subscribe, version}`; `fetchLinks(ids)` answers `[{id, urls, expires_at}]`. */
export function createLinks({ fetchLinks, clock }) {
  const known = new Map();
  const wanted = new Set();
  const listeners = new Set();
  let timer = null;
  let version = 0;

  function want(ids) {
    for (const id of ids) {
      const link = known.get(id);
      if (!link || link.until <= clock.now()) wanted.add(id);
    }
    if (wanted.size > 0 && timer === null) timer = clock.after(GATHER_MS, ask);
  }

  async function ask() {
    timer = null;
    const ids = [...wanted].slice(0, MAX_ASKED);
    for (const id of ids) {
      wanted.delete(id);
      // Not asked for twice while the first answer is on its way.
      known.set(id, { urls: known.get(id)?.urls ?? null, until: clock.now() + AGAIN_MS });
    }
    if (wanted.size > 0) timer = clock.after(GATHER_MS, ask);
    try {
      for (const { id, urls, expires_at } of await fetchLinks(ids)) {
        known.set(id, { urls, until: Date.parse(expires_at) - SPARE_MS });
      }
      tell();
    } catch {
      // Whoever still wants them then asks again.
      clock.after(AGAIN_MS, tell);
    }
  }

  function tell() {
    version += 1;
    for (const listener of listeners) listener();
  }

  return {
    want,
    find: (id) => known.get(id)?.urls ?? null,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    version: () => version,
  };
}
