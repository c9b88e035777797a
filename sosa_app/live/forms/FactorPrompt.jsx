/**
 * Asks for one of several proofs of who somebody is: at the second step of signing in, and before what could take
 * an account away. What is typed here never becomes a Reflex event.
 */

import { useEffect, useRef, useState } from "react";
import { canUsePasskeys } from "$/public/external/sosa_app/live/device/passkey.js";
import { Field, FormError, PasswordField, Submit } from "./fields.jsx";

/** In the order of preference: what is quickest and hardest to phish comes first. */
const ORDER = ["passkey", "totp", "recovery_code", "password"];

const INPUTS = {
  totp: { autoComplete: "one-time-code", inputMode: "numeric", pattern: "[0-9 ]{6,7}", maxLength: 7 },
  recovery_code: { autoComplete: "off", autoCapitalize: "characters", spellCheck: "false", maxLength: 40 },
};

/** `show(method, value)` proves it; `value` is undefined for a passkey. It throws what the server says is wrong. */
export function FactorPrompt({ methods, strings, show, onShown }) {
  const offered = ORDER.filter((name) => methods.includes(name) && (name !== "passkey" || canUsePasskeys()));
  const [method, setMethod] = useState(offered[0]);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const form = useRef(null);
  const words = strings[method];

  useEffect(() => { form.current?.querySelector("input, button")?.focus(); }, [method]);

  async function onSubmit(event) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setTrouble("");
    try {
      const typed = new FormData(form.current).get("value") ?? undefined;
      onShown(await show(method, typed));
    } catch (error) {
      setTrouble(error.message);
      setBusy(false);
      form.current?.querySelector("input")?.select();
    }
  }

  if (!method) return <FormError message={strings.none} />;
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={isBusy}>
      <p className="form-note">{words.about}</p>
      <FormError message={trouble} />
      {INPUTS[method] && <Field key={method} name="value" label={words.label} required {...INPUTS[method]} />}
      {method === "password" && (
        <PasswordField name="value" label={words.label} autoComplete="current-password" required strings={strings} />
      )}
      <Submit label={words.submit} busyLabel={strings.busy} isReady isBusy={isBusy} />
      {offered.length > 1 && (
        <div className="form-others">
          {offered.filter((name) => name !== method).map((name) => (
            <button
              key={name} type="button" className="pill pill-plain"
              onClick={() => { setTrouble(""); setMethod(name); }}
            >
              {strings[name].instead}
            </button>
          ))}
        </div>
      )}
    </form>
  );
}
