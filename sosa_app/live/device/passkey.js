/**
 * Passkeys as the browser knows them (WebAuthn level 3), in the JSON that the server speaks. By hand: not every
 * browser that has passkeys has `parseRequestOptionsFromJSON` and `toJSON` too.
 */

import { b64u, fromB64u } from "./keys.js";
import { SosaError } from "./wire.js";

/** Whether passkeys can work here: never at a bare address, because they belong to a name. */
export const canUsePasskeys = () =>
  Boolean(globalThis.PublicKeyCredential && navigator.credentials)
  && !/^[\d.]+$|^\[/.test(location.hostname);

/** Whether the browser can offer passkeys among what it suggests for a field. */
export const canSuggestPasskeys = async () =>
  canUsePasskeys() && Boolean(await PublicKeyCredential.isConditionalMediationAvailable?.());

/** Make a passkey; returns what the server wants to know of it. Throws SosaError. */
export async function makePasskey(text) {
  const asked = JSON.parse(text);
  const publicKey = {
    ...asked,
    challenge: fromB64u(asked.challenge),
    user: { ...asked.user, id: fromB64u(asked.user.id) },
    excludeCredentials: described(asked.excludeCredentials),
  };
  const { response, ...made } = parted(await answered(() => navigator.credentials.create({ publicKey })));
  return JSON.stringify({
    ...made,
    response: {
      clientDataJSON: b64u(response.clientDataJSON),
      attestationObject: b64u(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  });
}

/** Ask for a passkey; returns its answer for the server. Throws SosaError. */
export async function usePasskey(text, { mediation, signal } = {}) {
  const asked = JSON.parse(text);
  const publicKey = {
    ...asked, challenge: fromB64u(asked.challenge), allowCredentials: described(asked.allowCredentials),
  };
  const get = () => navigator.credentials.get({ publicKey, mediation, signal });
  const { response, ...used } = parted(await answered(get));
  return JSON.stringify({
    ...used,
    response: {
      clientDataJSON: b64u(response.clientDataJSON),
      authenticatorData: b64u(response.authenticatorData),
      signature: b64u(response.signature),
      userHandle: response.userHandle ? b64u(response.userHandle) : undefined,
    },
  });
}

const described = (items) => (items ?? []).map((item) => ({ ...item, id: fromB64u(item.id) }));

const parted = (credential) => ({
  id: credential.id, rawId: b64u(credential.rawId), type: credential.type, response: credential.response,
});

const TROUBLE = {
  NotAllowedError: "No passkey came. You can try again, or take another way.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys do not work at this address.",
};

async function answered(work) {
  try {
    return await work();
  } catch (error) {
    const message = TROUBLE[error.name] ?? "The passkey did not work this time. Please try again.";
    throw new SosaError({ status: 0, code: error.name === "AbortError" ? "aborted" : "no_passkey", message });
  }
}
