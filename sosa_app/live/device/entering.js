/**
 * The ways in: each begins with a device secret of its own, which travels once, and goes on with proofs by
 * the keys that were derived from it.
 */

import { adopt, oneTabAtATime } from "./device.js";
import { b64u, deriveLeaves, fromB64u, keepLeaves } from "./keys.js";
import { usePasskey } from "./passkey.js";
import { correctClock } from "./proof.js";
import { nonce, prove, send, SosaError } from "./wire.js";

/** What was begun on this page and waits for another answer: `{leaves, preauth}`. */
let unfinished = null;

/** Make an account and sign in to it. Returns the account, or `{next}` when something is still asked for. */
export function register({ username, password, email, age_answer, terms }) {
  const request = { username, password, age_answer, terms };
  if (email) request.email = email;
  return begin({ kind: "register" }, "register", request);
}

/** Sign in. Returns the account, or `{next, methods}` when a second factor is asked for. */
export function signIn({ identifier, password }) {
  return begin({ kind: "login" }, "password", { identifier, password });
}

/**
 * Sign in with a passkey alone. With `mediation` "conditional" it waits among what the browser suggests for the
 * name field, until `signal` ends it. Returns the account.
 */
export async function signInWithPasskey({ mediation, signal } = {}) {
  const flow = await beginFlow({ kind: "login" });
  const path = `/auth/v1/preauth/${flow.preauth}/passkey/options`;
  const { options } = await prove(flow.leaves, "auth", "POST", path, {});
  return advance(flow, "passkey", { credential: await usePasskey(options, { mediation, signal }) });
}

/** Show the second factor that was asked for. A passkey is asked for its answer here. Returns the account. */
export async function showFactor(type, value) {
  if (type !== "passkey") return goOn("factor", { type, value });
  const { options } = await goOn("passkey/options", {});
  return goOn("factor", { type, value: await usePasskey(options) });
}

/**
 * The next step of what was begun on this page: a code, a second factor, a new password. Returns the account,
 * or the server's answer when still more is asked for.
 */
export function goOn(step, request) {
  if (!unfinished) {
    throw new SosaError({
      status: 0, code: "preauth_gone", message: "This page has forgotten where we were. Let us start over.",
    });
  }
  return advance(unfinished, step, request);
}

/** Begin something that takes several steps and let `step` be its first. See `goOn`. */
export async function begin(opening, step, request) {
  return advance(await beginFlow(opening), step, request);
}

/**
 * One step of what was begun. Returns the account once it leads in; until then the server's answer, and what
 * was begun waits for `goOn`.
 */
export function advance({ leaves, preauth }, step, request) {
  return oneTabAtATime(async () => {
    // The answer sets a new cookie. No other tab may refresh between that and the new keys being kept:
    // a cookie shown with the keys of another session looks like a stolen one and ends it.
    const answer = await prove(leaves, "auth", "POST", `/auth/v1/preauth/${preauth}/${step}`, request);
    if (!answer?.access) {
      unfinished = { leaves, preauth };
      return answer ?? {};
    }
    unfinished = null;
    await keepLeaves(leaves);
    return adopt(leaves, answer);
  });
}

/** Send a new device secret, the only time it travels, and derive the keys from it. */
export async function beginFlow({ kind, ...rest }) {
  if (!globalThis.crypto?.subtle) {
    throw new SosaError({
      status: 0, code: "insecure_context",
      message: "Your browser only makes keys on a secure address (https, or localhost). Please come in that way.",
    });
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const opening = {
    kind, ...rest, device_secret: b64u(secret), device_name: deviceName(), device_platform: "web",
  };
  const { response } = await send("POST", "/auth/v1/preauth", opening, {});
  correctClock(response.server_time);
  nonce.set(response.nonce);
  const leaves = await deriveLeaves(secret, fromB64u(response.salt), response.kid);
  return { leaves, preauth: response.preauth, begun: response };
}

/** A name a person recognises in their list of devices; not the whole user agent, which is nobody's business. */
export function deviceName() {
  const agent = navigator.userAgent;
  const find = (table) => table.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find([[/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]]);
  const system = find([
    [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS/, "Mac"], [/Linux/, "Linux"],
  ]);
  return `${browser ?? "A browser"} on ${system ?? "something curious"}`;
}
