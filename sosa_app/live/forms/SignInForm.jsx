/** Signing in. What is typed here never becomes a Reflex event (see device.js for why). */

import { useState } from "react";
import { signIn } from "$/public/external/sosa_app/live/device/entering.js";
import { Field, FormError, PasswordField, Submit } from "./fields.jsx";
import { NextStep } from "./NextStep.jsx";
import { PasskeyDoor } from "./PasskeyDoor.jsx";
import { useOnlyForStrangers, useSubmit } from "./submit.js";

export function SignInForm({ strings }) {
  const [outcome, setOutcome] = useState(null);
  const [passkeyTrouble, setPasskeyTrouble] = useState("");
  useOnlyForStrangers();
  const { form, onSubmit, refusal, ...progress } = useSubmit(["identifier", "password"], signIn, setOutcome);
  if (outcome) return <NextStep outcome={outcome} strings={strings.next} />;
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form ?? passkeyTrouble} />
      <Field
        name="identifier" label={strings.identifier} error={refusal.identifier}
        autoComplete="username webauthn" autoCapitalize="none" spellCheck="false" required maxLength={254}
      />
      <PasswordField
        name="password" label={strings.password} error={refusal.password}
        autoComplete="current-password" required strings={strings}
      />
      <p className="form-aside"><a href="/forgotten">{strings.forgotten}</a></p>
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
      <PasskeyDoor strings={strings} onTrouble={setPasskeyTrouble} onNext={setOutcome} />
    </form>
  );
}
