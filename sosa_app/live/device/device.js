/**
 * The browser's half of the device-secret scheme: stay signed in, sign out, call services, get tickets
 * (entering.js has the ways in).
 *
 * Nothing in here passes a password, a key or a token to Reflex: a Reflex event is logged whole when
 * its handler is unknown, and its state lives on the server. Access tokens live in this module's memory
 * only; the refresh token is a cookie no script can read; the keys are non-extractable (keys.js).
 *
 * Import it as `$/public/external/sosa_app/live/device/device.js` (see __init__.py for why), so that every
 * component of a page shares this one instance, its tokens and its refresh.
 */

import { dropLeaves, fromB64u, isMemoryOnly, loadLeaves } from "./keys.js";
import { leaveWord } from "./passing.js";
import { makeProof } from "./proof.js";
import { nonce, prove, send, SosaError } from "./wire.js";

const ENDED = ["invalid_grant", "reuse_detected", "device_revoked", "invalid_proof", "login_required"];
const SPARE_SECONDS = 20;

/** `{leaves, account, access, freshUntil}` of the signed-in device; null while unknown or signed out. */
let signedIn = null;
let refreshing = null;

// Sign-out is told to the other tabs, whose tokens would otherwise stay usable for five minutes.
// Pages are also rendered once at build time, where there is neither window nor another tab.
const tabs = typeof window === "undefined" || !window.BroadcastChannel ? null : new BroadcastChannel("sosa");
if (tabs) {
  tabs.onmessage = ({ data }) => {
    if (data !== "signed-out" || !signedIn) return;
    leave();
    location.assign("/");
  };
}

/**
 * From signing out until the page is gone nothing is answered any more: a component that loses its socket
 * meanwhile would otherwise send the page elsewhere than the member did.
 */
let isLeaving = false;
const NEVER = new Promise(() => {});

function leave() {
  isLeaving = true;
  signedIn = null;
  // The way back may bring this very page out of the browser's memory.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

/**
 * End the session; the caller leaves the page then. The keys are gone even if the server could not be told.
 */
export async function signOut() {
  const leaves = signedIn?.leaves ?? (await loadLeaves());
  leave();
  tabs?.postMessage("signed-out");
  try {
    if (leaves) await prove(leaves, "auth", "POST", "/auth/v1/logout", {});
    else await send("POST", "/auth/v1/logout", {}, {});
  } finally {
    await dropLeaves();
  }
}

/**
 * Who is signed in here: `{user: {id, username}, roles, session, device_id}`, or null. `roles` says what is worth
 * showing; what they open, the services decide.
 *
 * After a reload the keys and the cookie are there and the tokens are not: one refresh brings them. A
 * cookie without keys is nobody, because nothing could be proven with it.
 */
export async function session() {
  if (isLeaving) await NEVER;
  if (!signedIn) await refresh();
  return signedIn?.account ?? null;
}

/** Call an operation of a service; returns its `response`. Throws SosaError. */
export async function call(audience, method, path, body) {
  const tokenInHand = await accessToken(audience);
  try {
    return await callWith(tokenInHand, audience, method, path, body);
  } catch (error) {
    // The token ended between our clock and theirs, or a restart changed the keys: one fresh token.
    if (!["invalid_token", "token_required"].includes(error.code)) throw error;
    await refresh(tokenInHand);
    return callWith(await accessToken(audience), audience, method, path, body);
  }
}

/**
 * Show once more who we are, by a password, a code or a passkey's answer. The session goes on with tokens that
 * say when that was. Returns the account.
 */
export function confirmMyself(method, value) {
  return confirmBy(`/auth/v1/stepup/${method}`, { value });
}

/** The same by what an operation of auth takes for it: a provider's word, for one. */
export async function confirmBy(path, shown) {
  const answer = await call("auth", "POST", path, shown);
  return adopt(signedIn.leaves, answer);
}

/**
 * A ticket for a socket and the proof to show beside it: `{ticket, proof}`.
 *
 * The ticket alone opens nothing: it needs the proof, by the device's key for `audience`, over the
 * socket's address and, where it gave one, its challenge `cn`.
 */
export async function ticket(audience, { path, cn, bind }) {
  const request = bind ? { aud: audience, bind } : { aud: audience };
  const answer = await call("auth", "POST", "/auth/v1/tickets", request);
  const { proof } = await makeProof(signedIn.leaves, audience, { htm: "WS", path, token: answer.ticket, cn });
  return { ticket: answer.ticket, proof };
}

/** Whether this browser keeps no keys, so that a reload signs out; forms tell it to people. */
export const forgetsOnReload = isMemoryOnly;

/** Be signed in as a sealed answer says. Returns the account. */
export function adopt(leaves, answer) {
  const { user, session: sessionId, device_id } = answer;
  signedIn = {
    leaves,
    account: { user, roles: claimsOf(answer.access.auth).roles ?? [], session: sessionId, device_id },
    access: answer.access,
    freshUntil: performance.now() + (answer.expires_in - SPARE_SECONDS) * 1000,
  };
  nonce.set(answer.nonce);
  return signedIn.account;
}

/** What a token says. Nobody checked it here: good enough for what to show. */
const claimsOf = (token) => JSON.parse(new TextDecoder().decode(fromB64u(token.split(".")[1])));

// ---- staying ----------------------------------------------------------------------------------------

async function accessToken(audience) {
  if (isLeaving) await NEVER;
  if (!signedIn || performance.now() > signedIn.freshUntil) await refresh(signedIn?.access[audience]);
  if (!signedIn) throw signedOutError();
  return signedIn.access[audience];
}

/** New tokens for the cookie. Calls that ask while one is under way share it; `stale` says which token is old. */
function refresh(stale) {
  const isAlreadyNewer = signedIn && stale && !Object.values(signedIn.access).includes(stale);
  if (isAlreadyNewer) return Promise.resolve();
  refreshing ??= oneTabAtATime(refreshNow).finally(() => { refreshing = null; });
  return refreshing;
}

/**
 * The refresh token rotates at each use, and an old one shown again ends the session as stolen. Two tabs
 * that refresh at once would do just that, so they take turns.
 */
export function oneTabAtATime(work) {
  return navigator.locks ? navigator.locks.request("sosa-refresh", work) : work();
}

async function refreshNow() {
  // The store first: another tab may have signed in anew, and the cookie is now for those keys.
  const leaves = (await loadLeaves()) ?? signedIn?.leaves;
  if (!leaves) return;
  const whoWasHere = signedIn?.account.user.id;
  try {
    adopt(leaves, await renewed(leaves));
    // Somebody else signed in in another tab. What this page still shows is not theirs.
    if (whoWasHere && whoWasHere !== signedIn.account.user.id) location.reload();
  } catch (error) {
    if (!ENDED.includes(error.code)) throw error;
    signedIn = null;
    leaveWord("ended");
    await dropLeaves();
  }
}

/** New tokens for the cookie, or for the keys alone where the browser lost the cookie and kept them. */
async function renewed(leaves) {
  try {
    return await prove(leaves, "auth", "POST", "/auth/v1/token", {});
  } catch (error) {
    // No cookie, or none of a session that lives. Whether the keys are enough is for the server to say: not once
    // somebody signed out, or ended the session from elsewhere.
    if (error.code !== "invalid_grant") throw error;
    return prove(leaves, "auth", "POST", "/auth/v1/device/login", {});
  }
}

const signedOutError = () =>
  new SosaError({ status: 401, code: "signed_out", message: "You are signed out here. Come back in?" });

// ---- sending -------------------------------------------------------------------------------------------

async function callWith(token, audience, method, path, body) {
  return prove(signedIn.leaves, audience, method, path, body, token);
}

