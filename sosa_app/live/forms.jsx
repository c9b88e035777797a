/**
 * Registering and signing in. These forms are plain React and talk to auth through the device's keys:
 * what is typed here never becomes a Reflex event (see device.js for why).
 *
 * Inputs are uncontrolled, so that what somebody or their password manager filled in before the page
 * woke up is kept, and stays when the server refuses. The button sleeps until then: a form without its
 * script would send the password as an ordinary form post.
 */

import { useEffect, useId, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { forgetsOnReload, register, session, signIn } from "$/public/external/sosa_app/live/device/device.js";

function Field({ name, label, hint, error, children, ...input }) {
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
function PasswordField({ strings, meter = [], ...field }) {
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
function AgeQuestion({ strings, error }) {
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

/** Submitting: busy, the error by field, and on success the chat. */
function useSubmit(strings, fields, send) {
  const [isReady, setReady] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState({});
  const form = useRef(null);
  const navigate = useNavigate();

  useEffect(() => {
    setReady(true);
    // Somebody who is signed in has no use for these pages. Trouble in asking is no reason to say so here.
    session().then((account) => account && location.replace("/chat")).catch(() => {});
  }, []);
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
      if (outcome.next) throw { message: strings.next[outcome.next] ?? strings.next.other };
      // Keys that live in memory only would not survive a page load; everyone else gets a fresh page.
      if (forgetsOnReload()) navigate("/chat");
      else location.assign("/chat");
    } catch (error) {
      const isOurs = fields.includes(error.field);
      setRefusal({ [isOurs ? error.field : "form"]: error.message });
      setBusy(false);
    }
  }
  return { form, onSubmit, isReady, isBusy, refusal };
}

function Submit({ label, busyLabel, isReady, isBusy }) {
  return (
    <button type="submit" className="pill pill-brand pill-wide" disabled={!isReady} aria-disabled={isBusy}>
      {isBusy ? busyLabel : label}
    </button>
  );
}

const FormError = ({ message }) =>
  message ? <p className="form-error" role="alert" tabIndex={-1}>{message}</p> : null;

export function RegisterForm({ strings }) {
  const fields = ["username", "password", "email", "age_answer", "terms"];
  const { form, onSubmit, refusal, ...progress } = useSubmit(strings, fields, (typed) =>
    register({ ...typed, email: typed.email.trim() || undefined, terms: typed.terms === "on" }),
  );
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <Field
        name="username" label={strings.username} hint={strings.username_hint} error={refusal.username}
        autoComplete="username" autoCapitalize="none" spellCheck="false" required
        pattern="[A-Za-z0-9_\-]+" title={strings.username_hint} maxLength={32}
      />
      <PasswordField
        name="password" label={strings.password} hint={strings.password_hint} error={refusal.password}
        autoComplete="new-password" required minLength={strings.password_min}
        strings={strings} meter={strings.meter}
      />
      <Field
        name="email" type="email" label={strings.email} hint={strings.email_hint} error={refusal.email}
        autoComplete="email" maxLength={254}
      />
      <AgeQuestion strings={strings} error={refusal.age_answer} />
      <label className="check">
        <input type="checkbox" name="terms" required aria-invalid={refusal.terms ? true : undefined} />
        <span>{strings.terms}</span>
      </label>
      {refusal.terms && <p className="field-error" role="alert">{refusal.terms}</p>}
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
    </form>
  );
}

export function SignInForm({ strings }) {
  const { form, onSubmit, refusal, ...progress } = useSubmit(strings, ["identifier", "password"], signIn);
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <Field
        name="identifier" label={strings.identifier} error={refusal.identifier}
        autoComplete="username" autoCapitalize="none" spellCheck="false" required maxLength={254}
      />
      <PasswordField
        name="password" label={strings.password} error={refusal.password}
        autoComplete="current-password" required strings={strings}
      />
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
    </form>
  );
}
