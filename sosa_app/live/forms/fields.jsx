/**
 * What forms are made of: a field with its label and its error, a password that can be shown, the button.
 *
 * Inputs are uncontrolled, so that what somebody or their password manager filled in before the page
 * woke up is kept, and stays when the server refuses. The button sleeps until then: a form without its
 * script would send the password as an ordinary form post.
 */

import { useId, useState } from "react";

export function Field({ name, label, hint, error, children, ...input }) {
  const id = useId();
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} aria-describedby={notes} aria-invalid={error ? true : undefined} {...input} />
      {children}
      {hint && <p id={`${id}-hint`} className="field-hint">{hint}</p>}
      {error && <p id={`${id}-error`} className="field-error">{error}</p>}
    </div>
  );
}

/** A password with a button that shows it; with `meter`, friendly words on its length. */
export function PasswordField({ strings, meter = [], ...field }) {
  const [isShown, setShown] = useState(false);
  const [length, setLength] = useState(0);
  const word = length > 0 ? meter.findLast(({ from }) => length >= from)?.word : "";
  return (
    <Field
      {...field}
      type={isShown ? "text" : "password"}
      spellCheck="false" autoCapitalize="none" maxLength={256}
      onInput={(event) => setLength([...event.target.value].length)}
    >
      <button type="button" className="field-reveal" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
        {isShown ? strings.hide : strings.show}
      </button>
      {meter.length > 0 && (
        <div className="meter">
          <progress aria-hidden="true" max={meter.at(-1).from} value={Math.min(length, meter.at(-1).from)} />
          <span aria-live="polite">{word}</span>
        </div>
      )}
    </Field>
  );
}

/** The question is neutral on purpose: the form does not tell which answers open the door. */
export function AgeQuestion({ strings, error }) {
  const id = useId();
  return (
    <fieldset className="field age" aria-describedby={error ? `${id}-error` : `${id}-hint`}>
      <legend>{strings.age}</legend>
      <div className="chips">
        {strings.ages.map(({ value, label }) => (
          <label key={value} className="chip">
            <input type="radio" name="age_answer" value={value} required />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p id={`${id}-hint`} className="field-hint">{strings.age_hint}</p>
      {error && <p id={`${id}-error`} className="field-error" role="alert">{error}</p>}
    </fieldset>
  );
}

export const Terms = ({ strings, error }) => (
  <>
    <label className="check">
      <input type="checkbox" name="terms" required aria-invalid={error ? true : undefined} />
      <span>{strings.terms}</span>
    </label>
    {error && <p className="field-error" role="alert">{error}</p>}
  </>
);

export function Submit({ label, busyLabel, isReady, isBusy }) {
  return (
    <button type="submit" className="pill pill-brand pill-wide" disabled={!isReady} aria-disabled={isBusy}>
      {isBusy ? busyLabel : label}
    </button>
  );
}

export const FormError = ({ message }) =>
  message ? <p className="form-error" role="alert" tabIndex={-1}>{message}</p> : null;
