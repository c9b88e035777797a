/** The small cast of these tests: a clock that stands still, a server made of two lists, and messages. */

export function manualClock(start = 1_800_000_000_000) {
  let now = start;
  let count = 0;
  const timers = new Map();
  return {
    now: () => now,
    after: (ms, act) => { count += 1; timers.set(count, { at: now + ms, act }); return count; },
    clear: (id) => timers.delete(id),
    /** Let time pass, and everything happen that falls into it, in order. */
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (due === undefined) break;
        timers.delete(due[0]);
        now = due[1].at;
        due[1].act();
      }
      now = end;
    },
  };
}

export function message(seq, { author = "ada", text = `m${seq}`, client = `client-${seq}`, at, ...rest } = {}) {
  return {
    id: `id-${seq}`, client_id: client, author_id: author, text, seq,
    sent_at: at ?? new Date(1_800_000_000_000 + seq * 1000).toISOString(), ...rest,
  };
}

export const posted = (seq, about) => ({ seq, kind: "posted", message: message(seq, about) });

export const events = (...list) => ({ t: "events", room: "general", epoch: "e1", events: list });

export function snapshot(seqs, { more = false, epoch = "e1" } = {}) {
  return {
    t: "joined", room: "general", epoch, seq: seqs.at(-1) ?? 0, reset: true, online: [],
    messages: seqs.map((seq) => message(seq)), more,
  };
}

/** A browser's storage. */
export function storage() {
  const held = {};
  Object.defineProperties(held, {
    getItem: { value: (key) => (key in held ? held[key] : null) },
    setItem: { value: (key, value) => { held[key] = String(value); } },
    removeItem: { value: (key) => { delete held[key]; } },
  });
  return held;
}

/** A WebSocket whose other end is the test. `sent` holds the frames of the client. */
export function fakeWebSockets() {
  const all = [];
  function open(path) {
    const socket = {
      path, readyState: 0, sent: [], closed: null,
      send: (data) => socket.sent.push(JSON.parse(data)),
      close: (code) => { socket.closed = code; socket.readyState = 3; },
      accept: () => { socket.readyState = 1; socket.onopen({}); },
      say: (frame) => socket.onmessage({ data: JSON.stringify(frame) }),
      end: (code) => { socket.readyState = 3; socket.onclose({ code }); },
      last: (t) => socket.sent.filter((frame) => frame.t === t).at(-1),
      count: (t) => socket.sent.filter((frame) => frame.t === t).length,
    };
    all.push(socket);
    return socket;
  }
  return { open, all, latest: () => all.at(-1) };
}

/** Let promises that are already settled take effect. */
export const settled = () => new Promise((resolve) => { setTimeout(resolve, 0); });
export const told = (seq, kind, state) => ({ seq, kind, message: state });
export const gone = (seq, of) => ({ seq, kind: "deleted", gone: message(of).id });
