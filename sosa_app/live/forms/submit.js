import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { forgetsOnReload, session } from "$/public/external/sosa_app/live/device/device.js";
import { leaveWord, takeGoal } from "$/public/external/sosa_app/live/device/passing.js";

/**
 * Submitting: busy, the error by field, and then where the answer leads: the chat, or another step.
 *
 * `send` takes what was typed, by name, and returns what the server answered, and maybe a `word` to be said
 * inside; `onNext` is called with it when something is still asked for.
 */
export function useSubmit(fields, send, onNext) {
  const [isReady, setReady] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState({});
  const form = useRef(null);
  const navigate = useNavigate();

  useEffect(() => setReady(true), []);
  useEffect(() => {
    form.current?.querySelector('[aria-invalid="true"], .form-error')?.focus();
  }, [refusal]);

  async function onSubmit(event) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setRefusal({});
    try {
      const outcome = await send(Object.fromEntries(new FormData(form.current)));
      if (outcome.user) goToChat(navigate, outcome.word);
      else onNext(outcome);
    } catch (error) {
      const isOurs = fields.includes(error.field);
      setRefusal({ [isOurs ? error.field : "form"]: error.message });
      setBusy(false);
    }
  }
  return { form, onSubmit, isReady, isBusy, refusal };
}

/**
 * In: to the chat, or to the page they were on their way to. `word` is said there.
 *
 * Keys that live in memory only would not survive a page load; everyone else gets a fresh page.
 */
export function goToChat(navigate, word) {
  if (word) leaveWord(word);
  const goal = takeGoal();
  if (forgetsOnReload()) navigate(goal);
  else location.assign(goal);
}

/** Somebody who is signed in has no use for the doors. Trouble in asking is no reason to say so here. */
export function useOnlyForStrangers() {
  useEffect(() => {
    session().then((account) => account && location.replace("/chat")).catch(() => {});
  }, []);
}
