/** The way out, for every page of a member. */

import { forgetEverybody } from "$/public/external/sosa_app/live/chat/memory.js";
import { signOut } from "$/public/external/sosa_app/live/device/device.js";

/** Sign out here, and leave nothing behind. */
export async function leave() {
  try {
    await signOut();
  } catch {
    // The keys of this browser are gone either way; the session ends by itself when it is not renewed.
  }
  // Who sits down here next has no business with the drafts of who just left.
  forgetEverybody();
  location.assign("/");
}

export const SignOut = ({ label }) => (
  <button type="button" className="pill pill-quiet" onClick={leave}>{label}</button>
);
