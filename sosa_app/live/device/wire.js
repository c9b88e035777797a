/**
 * Requests to our own origin with a proof of the device, and what comes back. Nothing in here knows who is
 * signed in.
 */

import { correctClock, makeProof, openSealed } from "./proof.js";

/** What went wrong, in the server's words where it answered. `status` 0: it did not. */
export class SosaError extends Error {
  constructor({ status, code, field, message, retryAfter }) {
    super(message);
    Object.assign(this, { name: "SosaError", status, code, field, message, retryAfter });
  }
}

/**
 * The server's nonce for the next proof to auth. It is no secret: it is worth nothing without the key. It
 * outlives the page, so that a reload need not be refused once to be told a new one.
 */
export const nonce = {
  get: () => inSessionStorage((storage) => storage.getItem("sosa-nonce")),
  set: (value) => value && inSessionStorage((storage) => storage.setItem("sosa-nonce", value)),
};

/** Do something with this tab's storage; null where storage is switched off. */
export function inSessionStorage(work) {
  try {
    return work(sessionStorage);
  } catch {
    return null; // Without a nonce each page is refused once, and all else goes on.
  }
}

const MENDABLE = ["stale_proof", "use_nonce"];

/** Send with a proof; once more for each thing the server says it lacked. Opens a sealed answer. */
export async function prove(leaves, audience, method, path, body, token, mendable = MENDABLE) {
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
export async function send(method, path, body, headers) {
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
  const envelope = await read(answer);
  if (!answer.ok || !envelope) throw refusal(answer, envelope);
  return envelope;
}

/** What an answer holds: our envelope, or a file in the place of its `response`. */
async function read(answer) {
  if (answer.status === 204) return { response: null };
  if (answer.headers.get("Content-Type") === "application/zip") return { response: await answer.blob() };
  return answer.json().catch(() => null);
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
