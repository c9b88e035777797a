/**
 * What one page leaves for the next in this tab: a word to say there, and where somebody was headed when they were
 * sent to the door. It outlives the way over a provider. Nothing in here is secret.
 */

import { inSessionStorage } from "./wire.js";

const WORD = "sosa-word";
const GOAL = "sosa-goal";

/** Let the next page that speaks say something: the key of one of its strings. */
export const leaveWord = (word) => inSessionStorage((storage) => storage.setItem(WORD, word));

/** What the page before wanted said, once; null for nothing. */
export const takeWord = () => take(WORD);

/** Remember this page, so that whoever comes in at a door comes back to it. */
export const rememberGoal = () =>
  inSessionStorage((storage) => storage.setItem(GOAL, location.pathname + location.search + location.hash));

/** Nobody is signed in here, and this page is for members: go and ask at the door who it is. */
export function goToDoor() {
  rememberGoal();
  location.replace("/sign-in");
}

/** Where they were headed, once; the chat for those who were headed nowhere. Never another house's address. */
export function takeGoal() {
  const goal = take(GOAL) ?? "";
  return goal.startsWith("/") && new URL(goal, location.origin).origin === location.origin ? goal : "/chat";
}

function take(key) {
  return inSessionStorage((storage) => {
    const found = storage.getItem(key);
    storage.removeItem(key);
    return found;
  });
}
