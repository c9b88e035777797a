/** Names and faces of the members on the page, fetched in batches and remembered for a while. */

const BATCH = 100;
const GATHER_MS = 25;
const FRESH_MS = 5 * 60_000;
const AGAIN_MS = 4_000;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * The page's address book: `{find, want, all}`.
 *
 * `fetchProfiles(ids)` gets at most 100 of them. `find(id)` is a profile, `null` for somebody we may not
 * know, `undefined` while we do not know. `changed()` is called when there is more to show.
 */
export function createPeople({ fetchProfiles, clock, changed, known = [] }) {
  let profiles = new Map(known.map((profile) => [profile.user_id, profile]));
  const fetchedAt = new Map();
  const wanted = new Set();
  let isGathering = false;

  function want(ids) {
    for (const id of ids) {
      const age = clock.now() - (fetchedAt.get(id) ?? -Infinity);
      if (age > FRESH_MS) wanted.add(id);
    }
    gather(GATHER_MS);
  }

  function gather(ms) {
    if (isGathering || wanted.size === 0) return;
    isGathering = true;
    clock.after(ms, fetchWanted);
  }

  async function fetchWanted() {
    const ids = [...wanted].slice(0, BATCH);
    for (const id of ids) {
      wanted.delete(id);
      fetchedAt.set(id, clock.now());
    }
    const isDone = await fetchBatch(ids);
    isGathering = false;
    gather(isDone ? GATHER_MS : AGAIN_MS);
  }

  async function fetchBatch(ids) {
    try {
      const found = new Map((await fetchProfiles(ids)).map((profile) => [profile.user_id, profile]));
      profiles = new Map(profiles);
      for (const id of ids) profiles.set(id, found.get(id) ?? profiles.get(id) ?? null);
      changed();
      return true;
    } catch {
      for (const id of ids) {
        fetchedAt.delete(id);
        wanted.add(id);
      }
      return false;
    }
  }

  return { want, find: (id) => profiles.get(id), all: () => profiles };
}

/** What to call somebody, whatever we know of them. */
export function nameOf(profile) {
  if (profile) return profile.nickname || profile.username;
  return profile === null ? "Somebody" : "…";
}

/** These members by name, as people sort names: Ada 2 before Ada 10. */
export function sortedByName(ids, profiles) {
  return [...ids].sort(
    (a, b) => collator.compare(nameOf(profiles.get(a)), nameOf(profiles.get(b))) || (a < b ? -1 : 1),
  );
}

/** The address of somebody's drawn face, or null while there is none to draw. */
export function faceUrl(profile) {
  return profile?.face ? `/profiles/v1/faces/${encodeURIComponent(profile.face)}.svg` : null;
}
