/**
 * The browser's half of the device-secret scheme: register, sign in, sign out, call services, get tickets.
 *
 * Nothing in here passes a password, a key or a token to Reflex: a Reflex event is logged whole when
 * its handler is unknown, and its state lives on the server. Access tokens live in this module's memory
 * only; the refresh token is a cookie no script can read; the keys are non-extractable (keys.js).
 *
 * Import it as `$/public/external/sosa_app/live/device/device.js` (see device.py for why), so that every
 * component of a page shares this one instance, its tokens and its refresh.
 */

import { b64u, deriveLeaves, dropLeaves, fromB64u, isMemoryOnly, keepLeaves, loadLeaves } from "./keys.js";
import { correctClock, makeProof, openSealed } from "./proof.js";

/** What went wrong, in the server's words where it answered. `status` 0: it did not. */
export class SosaError extends Error {
  constructor({ status, code, field, message, retryAfter }) {
    super(message);
    Object.assign(this, { name: "SosaError", status, code, field, message, retryAfter });
  }
}

const ENDED = ["invalid_grant", "reuse_detected", "device_revoked", "invalid_proof"];
const SPARE_SECONDS = 20;

/** `{leaves, account, access, freshUntil}` of the signed-in device; null while unknown or signed out. */
let signedIn = null;
let refreshing = null;

/**
 * The server's nonce for the next proof to auth. It is no secret: it is worth nothing without the key. It
 * outlives the page, so that a reload need not be refused once to be told a new one.
 */
const nonce = {
  get: () => inSessionStorage((storage) => storage.getItem("sosa-nonce")),
  set: (value) => value && inSessionStorage((storage) => storage.setItem("sosa-nonce", value)),
};

function inSessionStorage(work) {
  try {
    return work(sessionStorage);
  } catch {
    return null; // Storage is switched off: then each page is refused once.
  }
}

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

// ---- the seven doors -------------------------------------------------------------------------------

/** Make an account and sign in to it. Returns the account, or `{next}` when the e-mail is to be confirmed. */
export function register({ username, password, email, age_answer, terms }) {
  const request = { username, password, age_answer, terms };
  if (email) request.email = email;
  return enter("register", "register", request);
}

/** Sign in. Returns the account, or `{next}` when a second factor is asked for. */
export function signIn({ identifier, password }) {
  return enter("login", "password", { identifier, password });
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
 * Who is signed in here: `{user: {id, username}, session, device_id}`, or null.
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

// ---- entering ----------------------------------------------------------------------------------------

async function enter(kind, step, request) {
  const { leaves, preauth } = await beginFlow(kind);
  return oneTabAtATime(async () => {
    // The answer sets a new cookie. No other tab may refresh between that and the new keys being kept:
    // a cookie shown with the keys of another session looks like a stolen one and ends it.
    const answer = await prove(leaves, "auth", "POST", `/auth/v1/preauth/${preauth}/${step}`, request);
    if (answer.next) return { next: answer.next };
    await keepLeaves(leaves);
    settle(leaves, answer);
    return signedIn.account;
  });
}

/** Send a new device secret, the only time it travels, and derive the keys from it. */
async function beginFlow(kind) {
  if (!globalThis.crypto?.subtle) {
    throw new SosaError({
      status: 0, code: "insecure_context",
      message: "Your browser only makes keys on a secure address (https, or localhost). Please come in that way.",
    });
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const opening = {
    kind, device_secret: b64u(secret), device_name: deviceName(), device_platform: "web",
  };
  const { response } = await send("POST", "/auth/v1/preauth", opening, {});
  correctClock(response.server_time);
  nonce.set(response.nonce);
  const leaves = await deriveLeaves(secret, fromB64u(response.salt), response.kid);
  return { leaves, preauth: response.preauth };
}

/** A name a person recognises in their list of devices; not the whole user agent, which is nobody's business. */
function deviceName() {
  const agent = navigator.userAgent;
  const find = (table) => table.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find([[/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]]);
  const system = find([
    [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS/, "Mac"], [/Linux/, "Linux"],
  ]);
  return `${browser ?? "A browser"} on ${system ?? "something curious"}`;
}

function settle(leaves, answer) {
  const { user, session: sessionId, device_id } = answer;
  signedIn = {
    leaves,
    account: { user, session: sessionId, device_id },
    access: answer.access,
    freshUntil: performance.now() + (answer.expires_in - SPARE_SECONDS) * 1000,
  };
  nonce.set(answer.nonce);
}

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
function oneTabAtATime(work) {
  return navigator.locks ? navigator.locks.request("sosa-refresh", work) : work();
}

async function refreshNow() {
  // The store first: another tab may have signed in anew, and the cookie is now for those keys.
  const leaves = (await loadLeaves()) ?? signedIn?.leaves;
  if (!leaves) return;
  const whoWasHere = signedIn?.account.user.id;
  try {
    settle(leaves, await prove(leaves, "auth", "POST", "/auth/v1/token", {}));
    // Somebody else signed in in another tab. What this page still shows is not theirs.
    if (whoWasHere && whoWasHere !== signedIn.account.user.id) location.reload();
  } catch (error) {
    if (!ENDED.includes(error.code)) throw error;
    signedIn = null;
    await dropLeaves();
  }
}

const signedOutError = () =>
  new SosaError({ status: 401, code: "signed_out", message: "You are signed out here. Come back in?" });

// ---- sending -------------------------------------------------------------------------------------------

async function callWith(token, audience, method, path, body) {
  return prove(signedIn.leaves, audience, method, path, body, token);
}

const MENDABLE = ["stale_proof", "use_nonce"];

/** Send with a proof; once more for each thing the server says it lacked. Opens a sealed answer. */
async function prove(leaves, audience, method, path, body, token, mendable = MENDABLE) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const what = { htm: method, path, body: text, token, nonce: audience === "auth" ? nonce.get() : undefined };
  const { proof, jti } = await makeProof(leaves, audience, what);
  const headers = { "Sosa-Proof": proof };
  if (token) headers.Authorization = `SoSa ${token}`;
  try {
    const { response } = await send(method, path, body, headers);
    return response?.sealed ? await openSealed(leaves, response.sealed, jti) : response;
  } catch (error) {
    if (!mendable.includes(error.code)) throw error;
    const remaining = mendable.filter((code) => code !== error.code);
    return prove(leaves, audience, method, path, body, token, remaining);
  }
}

/** Fetch JSON from our own origin and return the envelope, or throw what it says went wrong. */
async function send(method, path, body, headers) {
  const options = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { ...options, credentials: "same-origin", redirect: "error" });
  } catch {
    throw new SosaError({
      status: 0, code: "offline", message: "We cannot reach the savanna right now. Check your connection and try again.",
    });
  }
  nonce.set(answer.headers.get("Sosa-Nonce"));
  const envelope = answer.status === 204 ? { response: null } : await answer.json().catch(() => null);
  if (!answer.ok || !envelope) throw refusal(answer, envelope);
  return envelope;
}

function refusal(answer, envelope) {
  const first = envelope?.errors?.[0] ?? {};
  correctClock(first.data?.server_time ?? NaN);
  return new SosaError({
    status: answer.status,
    code: first.code ?? "unknown",
    field: first.field,
    message: first.message ?? "Something tripped over a root on our side. Please try again in a moment.",
    retryAfter: Number(answer.headers.get("Retry-After")) || undefined,
  });
}
