/** Bytes on their way to where the server said, with a word on how far they are. */

/** Nothing moved for so long: the line is dead, whatever it says. */
const SILENCE_MS = 30_000;

/**
 * Put a file where `way` says: `{method, url, headers}`. Rejects with `{code, message}`.
 *
 * Not with `fetch`, which cannot tell how much of a body has left. No credential goes along: the address is one.
 */
export function put({ method, url, headers }, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence = null;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const fail = () => reject(refusal(request));
    request.open(method, url);
    request.withCredentials = false;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => { listen(); onProgress(total ? loaded / total : 0); };
    request.onload = () => (request.status < 300 ? resolve() : fail());
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => clearTimeout(silence);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    listen();
    request.send(file);
  });
}

function refusal(request) {
  try {
    const [{ code, message }] = JSON.parse(request.responseText).errors;
    return { code, message };
  } catch {
    return { code: "connection_lost", message: null };
  }
}
