/**
 * The keys of this device: how they are made, and where they rest.
 *
 * A sign-in begins with 32 random bytes, the device secret, that are sent to the server once and never
 * again. Both sides derive the same leaf keys from them with HKDF (RFC 5869): one that signs for each
 * service, one that opens the server's sealed replies. What stays in the browser are non-extractable
 * WebCrypto keys: a script that gets into the page can use them while the page is open, but cannot carry
 * them away. Nothing here touches the network.
 */

export const AUDIENCES = ["auth", "ui", "profiles", "messaging", "community"];

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

/** Base64url without padding, as every binary value travels. */
export function b64u(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromB64u(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** b64u(SHA-256(x)) of a string or of bytes. */
export async function digest(value) {
  const bytes = typeof value === "string" ? utf8(value) : value;
  return b64u(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * The leaf keys of a device secret and the server's salt: `{kid, proof: {audience: key}, seal}`.
 *
 * The secret is zeroed and the HKDF key dropped before this returns. The HKDF key must not be stored:
 * it is non-extractable itself, but whoever may call `deriveKey` on it can ask for *extractable* leaves.
 */
export async function deriveLeaves(secret, salt, expectedKid) {
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey", "deriveBits"]);
  secret.fill(0);
  const schedule = (label) => ({ name: "HKDF", hash: "SHA-256", salt, info: utf8(`sosa/1 ${label}`) });
  const kid = b64u((await crypto.subtle.deriveBits(schedule("kid"), root, 256)).slice(0, 16));
  // Both sides derived the key id on their own. If they differ, somebody stands between them or one of
  // them is wrong; either way no credential may follow.
  if (kid !== expectedKid) throw new Error("The device key ids differ.");
  const proof = {};
  for (const audience of AUDIENCES) {
    const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
    proof[audience] = await crypto.subtle.deriveKey(
      schedule(`c2s proof ${audience}`), root, hmac, false, ["sign"],
    );
  }
  const aes = { name: "AES-GCM", length: 256 };
  const seal = await crypto.subtle.deriveKey(schedule("s2c seal"), root, aes, false, ["decrypt"]);
  return { kid, proof, seal };
}

// ---- where they rest -------------------------------------------------------------------------------

const DATABASE = "sosa";
const STORE = "device";
const SLOT = "leaves";

/** Leaves of a browser that keeps nothing (a private window, blocked storage): they end with the page. */
let inMemory = null;
let memoryOnly = false;

/** Whether this browser refused to keep the keys, so that a reload signs out. */
export const isMemoryOnly = () => memoryOnly;

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("The key store is blocked by another tab."));
  });
}

async function inStore(mode, work) {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** The leaves of this browser, or null when nobody is signed in here. */
export async function loadLeaves() {
  if (inMemory) return inMemory;
  try {
    return (await inStore("readonly", (store) => store.get(SLOT))) ?? null;
  } catch {
    return null;
  }
}

/** Keep the leaves for the next page; true unless the browser refuses and they end with this one. */
export async function keepLeaves(leaves) {
  try {
    await inStore("readwrite", (store) => store.put(leaves, SLOT));
    inMemory = null;
    memoryOnly = false;
  } catch {
    inMemory = leaves;
    memoryOnly = true;
  }
  return !memoryOnly;
}

/** Forget the leaves; after this nothing in this browser can sign for the device again. */
export async function dropLeaves() {
  inMemory = null;
  try {
    await inStore("readwrite", (store) => store.delete(SLOT));
  } catch {
    // Where nothing could be kept there is nothing to delete.
  }
}

// ---- what went elsewhere ------------------------------------------------------------------------

const AWAY = "pre:";
const AWAY_MILLISECONDS = 600_000;

/**
 * Keep what was begun while the browser is at a provider, under the state it will come back with. Throws where
 * the browser keeps nothing: nobody could come back to it.
 */
export async function keepBegun(state, begun) {
  await inStore("readwrite", (store) => {
    store.openCursor(IDBKeyRange.bound(AWAY, `${AWAY}\uffff`)).onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (cursor.value.at < Date.now() - AWAY_MILLISECONDS) cursor.delete();
      cursor.continue();
    };
    return store.put({ ...begun, at: Date.now() }, AWAY + state);
  });
}

/** What was begun with this state in this browser, once; null when it was not. */
export async function takeBegun(state) {
  try {
    const found = await inStore("readwrite", (store) => {
      const request = store.get(AWAY + state);
      store.delete(AWAY + state);
      return request;
    });
    return found ?? null;
  } catch {
    return null;
  }
}
