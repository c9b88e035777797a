/** Signing in with a passkey alone: by a button, or as one of the browser's suggestions for the name field. */

import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { signInWithPasskey } from "$/public/external/sosa_app/live/device/entering.js";
import { canSuggestPasskeys, canUsePasskeys } from "$/public/external/sosa_app/live/device/passkey.js";
import { goToChat } from "./submit.js";

/** The challenge of a suggestion is good for ten minutes; a page may lie open for longer. */
const RENEW_MS = 9 * 60 * 1000;

/** `onNext` gets the answer when a passkey is not all that is asked for. */
export function PasskeyDoor({ strings, onTrouble, onNext }) {
  const [isOffered, setOffered] = useState(false);
  const suggesting = useRef(null);
  const navigate = useNavigate();

  async function enter(options) {
    const outcome = await signInWithPasskey(options);
    if (outcome.user) goToChat(navigate);
    else onNext(outcome);
  }

  async function suggest() {
    const asked = new AbortController();
    suggesting.current?.abort();
    suggesting.current = asked;
    try {
      if (await canSuggestPasskeys()) await enter({ mediation: "conditional", signal: asked.signal });
    } catch (error) {
      // Nobody asked for it to work: only a passkey that was chosen and refused is worth a word.
      if (!asked.signal.aborted && error.code === "bad_factor") onTrouble(error.message);
    }
  }

  useEffect(() => {
    setOffered(canUsePasskeys());
    suggest();
    const renewal = setInterval(suggest, RENEW_MS);
    return () => {
      clearInterval(renewal);
      suggesting.current?.abort();
    };
  }, []);

  async function onClick() {
    onTrouble("");
    // A browser asks for one passkey at a time.
    suggesting.current?.abort();
    try {
      await enter({});
    } catch (error) {
      onTrouble(error.message);
      suggest();
    }
  }

  if (!isOffered) return null;
  return <button type="button" className="pill pill-plain pill-wide" onClick={onClick}>{strings.passkey}</button>;
}
