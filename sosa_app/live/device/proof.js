/**
 * What travels: proofs from this device, sealed replies to it. No state but the clock's correction.
 */

import { b64u, digest, fromB64u, utf8 } from "./keys.js";

/** Seconds by which the server's clock is ahead of this one. */
let skew = 0;

/** Believe the server's clock: a proof is good for a minute, and many laptops are further off than that. */
export function correctClock(serverTime) {
  if (Number.isFinite(serverTime)) skew = Math.round(serverTime - Date.now() / 1000);
}

const encodePart = (value) => b64u(utf8(JSON.stringify(value)));

/**
 * A proof JWT by the device's key for `audience`, and its `jti`.
 *
 * `what` is `{htm, path, body?, token?, nonce?, cn?}`. The claims tie the proof to one request: method,
 * address, query, body, the token beside it, and a number used once, so that a proof read from a log
 * is good for nothing else.
 */
export async function makeProof(leaves, audience, what) {
  // As fetch will send them: escaped, and without what leads out of the path. The path counts as it is
  // when decoded, which no proxy and no server can spell in another way.
  const { pathname, search } = new URL(what.path, location.origin);
  const jti = b64u(crypto.getRandomValues(new Uint8Array(16)));
  const claims = {
    aud: audience,
    htm: what.htm,
    htu: location.origin + decodeURIComponent(pathname),
    iat: Math.floor(Date.now() / 1000) + skew,
    jti,
  };
  if (search) claims.qh = await digest(search.slice(1));
  if (what.body) claims.bh = await digest(what.body);
  if (what.token) claims.ath = await digest(what.token);
  if (what.nonce) claims.nonce = what.nonce;
  if (what.cn) claims.cn = what.cn;
  const header = { typ: "sosa-proof+jwt", alg: "HS256", kid: leaves.kid };
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  const mac = await crypto.subtle.sign("HMAC", leaves.proof[audience], utf8(signed));
  return { proof: `${signed}.${b64u(mac)}`, jti };
}

/**
 * The payload of a sealed reply (compact JWE, dir + A256GCM) to the request with this `jti`.
 *
 * That it opens at all shows that it came from the server which knows this device; that it names our
 * `jti` shows that it is the answer to this very request and not an older one played back.
 */
export async function openSealed(leaves, compact, jti) {
  const parts = compact.split(".");
  const [head, wrappedKey, iv, ciphertext, tag] = parts;
  const header = JSON.parse(new TextDecoder().decode(fromB64u(head)));
  const expected = { alg: "dir", enc: "A256GCM", typ: "sosa-seal+jwt", kid: leaves.kid };
  const asExpected = Object.entries(expected).every(([name, value]) => header[name] === value);
  if (parts.length !== 5 || wrappedKey !== "" || !asExpected) throw new Error("Not a sealed reply for this device.");
  const algorithm = { name: "AES-GCM", iv: fromB64u(iv), additionalData: utf8(head), tagLength: 128 };
  const sealed = new Uint8Array([...fromB64u(ciphertext), ...fromB64u(tag)]);
  const opened = await crypto.subtle.decrypt(algorithm, leaves.seal, sealed);
  const payload = JSON.parse(new TextDecoder().decode(opened));
  if (payload.rjti !== jti) throw new Error("A sealed reply to another request.");
  return payload;
}
