/**
 * Making an account. The form is plain React and talks to auth through the device's keys: what is typed here
 * never becomes a Reflex event (see device.js for why).
 */

import { useState } from "react";
import { register } from "$/public/external/sosa_app/live/device/entering.js";
import { AgeQuestion, Field, FormError, PasswordField, Submit, Terms } from "./fields.jsx";
import { NextStep } from "./NextStep.jsx";
import { useOnlyForStrangers, useSubmit } from "./submit.js";

export function RegisterForm({ strings }) {
  const fields = ["username", "password", "email", "age_answer", "terms"];
  const [outcome, setOutcome] = useState(null);
  useOnlyForStrangers();
  const { form, onSubmit, refusal, ...progress } = useSubmit(
    fields,
    (typed) => register({ ...typed, email: typed.email.trim() || undefined, terms: typed.terms === "on" }),
    setOutcome,
  );
  if (outcome) return <NextStep outcome={outcome} strings={strings.next} />;
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
      <Terms strings={strings} error={refusal.terms} />
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
    </form>
  );
}
