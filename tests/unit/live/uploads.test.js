import { expect, test } from "bun:test";

import { canSend, createUploads, readableSize } from "../../../sosa_app/live/chat/uploads.js";

const MB = 1024 * 1024;
const fileOf = (name, type = "image/png", size = 100) => ({ name, type, size });

/** A server that does what a test wants, and a tray in front of it. */
function tray({ put = async () => {}, answers = {} } = {}) {
  const asked = [];
  const released = [];
  let count = 0;
  const uploads = createUploads({
    put,
    newId: () => `upload-${++count}`,
    preview: (file) => `blob:${file.name}`,
    release: (url) => released.push(url),
    call: async (method, path, body) => {
      asked.push(`${method} ${path}`);
      const name = path.endsWith("/finish") ? "finish" : method;
      if (answers[name]) return answers[name](body, path);
      if (name === "POST") return { uploads: body.files.map(({ id }) => ({ id, file_id: `file-${id}`, url: "/put" })) };
      if (name === "finish") return { id: path.split("/")[4], kind: "picture" };
      if (name === "PATCH") return { id: path.split("/")[4], alt: body.alt };
      return null;
    },
  });
  return { uploads, asked, released, states: () => uploads.items().map(({ state }) => state) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("files are brought, looked at, and taken along in their order", async () => {
  const { uploads, states, released } = tray();
  uploads.add([fileOf("one.png"), fileOf("two.txt", "text/plain")]);
  expect(uploads.take()).toBeNull();
  await settled();
  expect(states()).toEqual(["ready", "ready"]);
  expect(uploads.take().map(({ id }) => id)).toEqual(["file-upload-1", "file-upload-2"]);
  expect(uploads.items()).toEqual([]);
  expect(released).toEqual(["blob:one.png"]);
});

test("three are on their way at a time", async () => {
  const gates = [];
  const { uploads, states } = tray({ put: () => new Promise((resolve) => gates.push(resolve)) });
  uploads.add(["a", "b", "c", "d"].map((name) => fileOf(name)));
  await settled();
  expect(states()).toEqual(["going", "going", "going", "waiting"]);
  gates.shift()();
  await settled();
  expect(states()).toEqual(["ready", "going", "going", "going"]);
});

test("what breaks may be tried again under the same id", async () => {
  let isBroken = true;
  const { uploads, asked, states } = tray({
    put: async () => { if (isBroken) throw { code: "connection_lost" }; },
  });
  uploads.add([fileOf("a")]);
  await settled();
  expect(states()).toEqual(["failed"]);
  expect(canSend(uploads.items())).toBe(false);
  isBroken = false;
  uploads.retry("upload-1");
  await settled();
  expect(states()).toEqual(["ready"]);
  expect(asked.filter((line) => line === "POST /messaging/v1/files")).toHaveLength(2);
});

test("what the server will not have is not tried again", async () => {
  const { uploads, states } = tray({
    answers: { finish: () => { throw { code: "unreadable_picture", message: "No." }; } },
  });
  uploads.add([fileOf("a")]);
  await settled();
  uploads.retry("upload-1");
  await settled();
  expect(states()).toEqual(["failed"]);
  expect(uploads.items()[0].error.message).toBe("No.");
});

test("what is too heavy or empty never leaves", async () => {
  const { uploads, asked } = tray();
  uploads.add([fileOf("a", "image/png", 20 * MB + 1), fileOf("b", "x/y", 25 * MB + 1), fileOf("c", "x/y", 0)]);
  await settled();
  expect(uploads.items().map(({ error }) => error.code)).toEqual(["file_too_large", "file_too_large", "empty_file"]);
  expect(asked).toEqual([]);
});

test("ten fit, and the others are counted", () => {
  const { uploads } = tray();
  expect(uploads.add(Array.from({ length: 8 }, (_, i) => fileOf(`a${i}`)))).toBe(0);
  expect(uploads.add(Array.from({ length: 5 }, (_, i) => fileOf(`b${i}`)))).toBe(3);
  expect(uploads.items()).toHaveLength(10);
});

test("what is removed on its way is stopped and forgotten", async () => {
  let aborted = false;
  const { uploads, asked, released } = tray({
    put: (way, file, { signal }) => new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => { aborted = true; reject({ code: "connection_lost" }); });
    }),
  });
  uploads.add([fileOf("a")]);
  await settled();
  uploads.remove("upload-1");
  await settled();
  expect(aborted).toBe(true);
  expect(uploads.items()).toEqual([]);
  expect(asked).toContain("DELETE /messaging/v1/files/file-upload-1");
  expect(released).toEqual(["blob:a"]);
});

test("words given before it is there are told once it is", async () => {
  const { uploads, asked } = tray();
  uploads.add([fileOf("a")]);
  uploads.describe("upload-1", "a cat");
  await settled();
  expect(asked).toContain("PATCH /messaging/v1/files/file-upload-1");
});

test("sizes are said as people say them", () => {
  expect([12, 1_500, 41_000, 2_400_000, 25_000_000].map(readableSize)).toEqual(["12 bytes", "1.5 kB", "41 kB", "2.4 MB", "25 MB"]);
});
