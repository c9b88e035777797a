/** Requests over the socket and their answers, matched by `re`. */

/** A request unanswered for so long means that the connection is dead, whatever it says. */
const ANSWER_MS = 20_000;

/**
 * `ask(frame, settle)` sends a request; `settle` is called once, with `{frame}`, `{error}` or `{lost: why}`.
 *
 * `settle(frame)` takes a frame of the server and returns whether it was an answer; `lose()` ends all that
 * is open. Callbacks, not promises: an answer has to take effect before the frame that follows it.
 */
export function createRequests({ send, clock, onSilence }) {
  const open = new Map();
  let count = 0;

  function ask(frame, settle) {
    count += 1;
    const re = `r${count}`;
    open.set(re, { settle, timer: clock.after(ANSWER_MS, onSilence) });
    send({ ...frame, re });
  }

  function settle(frame) {
    const asked = open.get(frame.re);
    if (asked === undefined) return false;
    open.delete(frame.re);
    clock.clear(asked.timer);
    asked.settle(frame.t === "error" ? { error: refusal(frame) } : { frame });
    return true;
  }

  function lose(why = "stopped") {
    const lost = [...open.values()];
    open.clear();
    for (const asked of lost) {
      clock.clear(asked.timer);
      asked.settle({ lost: why });
    }
  }

  return { ask, settle, lose };
}

function refusal(frame) {
  const first = frame.errors?.[0] ?? {};
  return {
    status: frame.status,
    code: first.code ?? "unknown",
    message: first.message ?? "The savanna did not like that one. Try again?",
    field: first.field,
  };
}
