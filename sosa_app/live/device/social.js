/**
 * Ways in that lead over another house. The browser leaves the page for it; what was begun waits in this
 * browser's key store under the `state` that the provider sends it back with.
 */

import { call, confirmBy, session } from "./device.js";
import { advance, beginFlow } from "./entering.js";
import { keepBegun, takeBegun } from "./keys.js";
import { prove, send, SosaError } from "./wire.js";

/** The providers that are on: `[{name, label, can_sign_in, can_sign_up}]`. */
export async function listProviders() {
  return (await send("GET", "/auth/v1/providers", undefined, {})).response.providers;
}

/** Go to a provider to sign in or up. Does not come back: the page is left. */
export async function leaveFor(provider) {
  const { leaves, preauth, begun } = await beginFlow({ kind: "oauth", provider });
  await depart(begun, { leaves, preauth, provider, kind: "oauth" });
}

/** Go to a provider to link an account there to whoever is signed in. Does not come back either. */
export async function leaveToLink(provider) {
  const { leaves, preauth } = await beginFlow({ kind: "link", provider });
  const going = await call("auth", "POST", `/auth/v1/providers/${provider}/link`, { preauth_id: preauth });
  const { user } = await session();
  await depart(going, { leaves, preauth, provider, kind: "link", user: user.id });
}

/**
 * Go to a provider to show once more who we are. Does not come back: `arrive` returns to this page, at
 * `#confirmed`.
 */
export async function leaveToConfirm(provider) {
  const { session: sessionId } = await session();
  const { leaves, preauth } = await beginFlow({ kind: "confirm", provider });
  const going = await call("auth", "POST", `/auth/v1/providers/${provider}/confirm`, { preauth_id: preauth });
  await depart(going, { leaves, preauth, provider, kind: "confirm", session: sessionId, back: location.pathname });
}

/**
 * Come back from a provider. Returns the account, or the server's answer when more is asked for, `{linked}`
 * after a link, `{back}` (where to go on) after a confirmation, or `{isStranger: true}` when this browser did
 * not begin that. What it throws says in `back` where to return to, when that is not the door.
 *
 * Whoever is lured to an address with somebody else's code has nothing here under its state, and the server
 * is not even asked: else they would be signed in as somebody else, and tell that account what is theirs.
 */
export async function arrive() {
  // Taken out of the address by the page's first script (pages/entrance.py). A code is good for nothing without
  // our keys; it need not lie about in the history, or be told to Reflex, all the same.
  const query = new URLSearchParams(window.sosaAnswer ?? "");
  window.sosaAnswer = "";
  const provider = location.pathname.split("/").filter(Boolean).at(-1);
  const state = query.get("state");
  const begun = state ? await takeBegun(state) : null;
  if (!begun || begun.provider !== provider) return { isStranger: true };
  const answer = { state };
  for (const name of ["code", "iss", "error"]) if (query.has(name)) answer[name] = query.get(name);
  const finish = { link: finishLink, confirm: finishConfirmation }[begun.kind];
  return finish ? finish(begun, answer) : advance(begun, "complete", answer);
}

async function finishConfirmation({ leaves, preauth, provider, session: sessionId, back }, answer) {
  if ((await session())?.session !== sessionId) return { isStranger: true };
  try {
    const found = await prove(leaves, "auth", "POST", `/auth/v1/preauth/${preauth}/complete`, answer);
    const shown = { preauth_id: preauth, confirm_token: found.confirm_token };
    await confirmBy(`/auth/v1/providers/${provider}/confirmed`, shown);
  } catch (error) {
    throw Object.assign(error, { back });
  }
  return { back: `${back}#confirmed` };
}

async function finishLink({ leaves, preauth, provider, user }, answer) {
  if ((await session())?.user.id !== user) return { isStranger: true };
  const found = await prove(leaves, "auth", "POST", `/auth/v1/preauth/${preauth}/complete`, answer);
  const linking = { preauth_id: preauth, link_token: found.link_token };
  return { linked: await call("auth", "POST", `/auth/v1/providers/${provider}/linked`, linking) };
}

async function depart({ authorize_url, state }, begun) {
  try {
    await keepBegun(state, begun);
  } catch {
    throw new SosaError({
      status: 0, code: "no_storage",
      message: "Your browser keeps nothing here, so you could not come back to us from there. Leave the private window?",
    });
  }
  location.assign(authorize_url);
  // The page is on its way out; nothing on it goes on.
  await new Promise(() => {});
}
