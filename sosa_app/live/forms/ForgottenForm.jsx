/** A forgotten password: first, where to send a code. */

import { useState } from "react";
import { begin } from "$/public/external/sosa_app/live/device/entering.js";
import { Field, FormError, Submit } from "./fields.jsx";
import { NextStep } from "./NextStep.jsx";
import { useOnlyForStrangers, useSubmit } from "./submit.js";

export function ForgottenForm({ strings }) {
  const [outcome, setOutcome] = useState(null);
  useOnlyForStrangers();
  const ask = ({ email }) => begin({ kind: "reset" }, "reset", { email });
  const { form, onSubmit, refusal, ...progress } = useSubmit(["email"], ask, setOutcome);
  if (outcome) return <NextStep outcome={outcome} strings={strings.next} />;
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <Field
        name="email" type="email" label={strings.email} hint={strings.email_hint} error={refusal.email}
        autoComplete="email" required maxLength={254}
      />
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
    </form>
  );
}
