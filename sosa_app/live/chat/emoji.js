/** Finding emoji, remembering the ones used lately, and giving hands a colour. */

const MOST_RECENT = 24;
export const TONES = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];

let loading = null;

/** The list of all emoji, `{groups, all}`; fetched when it is first wanted, as it is as large as the chat. */
export function loadEmoji() {
  loading ??= import("./emoji-list.js").then(({ GROUPS }) => catalog(GROUPS));
  // Who has no network now may have one later.
  loading.catch(() => { loading = null; });
  return loading;
}

/** `{groups, all}` of `[emoji, names, words, has tones]`; each as `{emoji, names, words, hasTones}`. */
export function catalog(lists) {
  const groups = lists.map((list) => list.map(([emoji, names, words, tones]) => ({
    emoji, names: names ? names.split(" ") : [], words: words ? words.split(" ") : [], hasTones: Boolean(tones),
  })));
  return { groups, all: groups.flat() };
}

/** What to call an emoji when there is room for one name. */
export function nameOfEmoji(item) {
  return item.names[0] ?? item.words.slice(0, 3).join("_");
}

/**
 * At most `limit` emoji that fit what somebody typed, the best first: a name that is it, a name that begins
 * with it, a word in a name, a word about it. Each word typed must fit.
 */
export function searchEmoji(all, typed, limit = 60) {
  const wanted = typed.toLowerCase().split(/[\s:_]+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const whole = wanted.join("_");
  const found = [];
  for (const item of all) {
    const score = scoreOf(item, whole, wanted);
    if (score > 0) found.push({ item, score });
  }
  // Sorting is stable: among equals Unicode's order stays, which puts faces first.
  return found.sort((a, b) => b.score - a.score).slice(0, limit).map(({ item }) => item);
}

function scoreOf({ names, words }, whole, wanted) {
  if (names.includes(whole)) return 5;
  if (names[0]?.startsWith(whole)) return 4;
  if (names.some((name) => name.startsWith(whole))) return 3;
  const parts = names.flatMap((name) => name.split("_"));
  if (wanted.every((word) => parts.some((part) => part.startsWith(word)))) return 2;
  const all = [...parts, ...words];
  return wanted.every((word) => all.some((part) => part.startsWith(word))) ? 1 : 0;
}

/** Suggestions for `:name` (use-complete.js), in the member's skin tone. */
export function emojiSource(habits) {
  async function find(query) {
    const { all } = await loadEmoji();
    return searchEmoji(all, query, 3).map((item) => {
      const emoji = toned(item, habits.tone());
      return { key: item.emoji, picture: emoji, label: `:${nameOfEmoji(item)}:`, insert: `${emoji} ` };
    });
  }
  return { trigger: ":", shortest: 2, find };
}

/** The emoji in a skin tone of `TONES` (UTS #51, 2.4: the modifier takes the place of the selector). */
export function toned(item, tone) {
  if (!item.hasTones || !TONES[tone]) return item.emoji;
  const [first, ...rest] = item.emoji;
  return first + TONES[tone] + rest.join("").replace(/^\uFE0F/, "");
}

/** `{recent, use, tone, setTone}` of one member, in `storage`, which may be full, forbidden or missing. */
export function emojiHabits(storage, userId) {
  const key = (kind) => `sosa:${kind}:${userId}`;
  const recent = () => {
    const kept = read(storage, key("emoji"));
    return Array.isArray(kept) ? kept.filter((emoji) => typeof emoji === "string").slice(0, MOST_RECENT) : [];
  };
  return {
    recent,
    use: (emoji) => keep(storage, key("emoji"), [emoji, ...recent().filter((other) => other !== emoji)].slice(0, MOST_RECENT)),
    tone: () => { const tone = read(storage, key("tone")); return TONES[tone] ? tone : 0; },
    setTone: (tone) => keep(storage, key("tone"), tone),
  };
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
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // It is forgotten with the page, no more.
  }
}
