/** Steps that wait for a code from a mail, and what comes after it. */

import { goOn } from "$/public/external/sosa_app/live/device/entering.js";
import { CodeField } from "./CodeField.jsx";
import { FormError, PasswordField, Submit } from "./fields.jsx";
import { useSubmit } from "./submit.js";

/** The code that was sent to the address of a registration. */
export const VerifyStep = (step) => <CodeStep {...step} name="code" path="verify" />;

/** The code for a forgotten password. */
export const PinStep = (step) => <CodeStep {...step} name="pin" path="pin" />;

function CodeStep({ name, path, strings, onNext }) {
  const { form, onSubmit, refusal, ...progress } = useSubmit([name], (typed) => goOn(path, typed), onNext);
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <CodeField name={name} label={strings.code} hint={strings.code_hint} error={refusal[name]} autoFocus />
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
      <p className="form-aside"><a href={strings.again_href}>{strings.again}</a></p>
    </form>
  );
}

/** The new password, with the name beside it, so that a password manager knows whose it keeps. */
export function NewPasswordStep({ outcome, strings, onNext }) {
  const send = async ({ password }) => ({ ...(await goOn("new-password", { password })), word: "password_changed" });
  const { form, onSubmit, refusal, ...progress } = useSubmit(["password"], send, onNext);
  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <input type="text" name="username" value={outcome.username} autoComplete="username" readOnly hidden />
      <PasswordField
        name="password" label={strings.password} hint={strings.password_hint} error={refusal.password}
        autoComplete="new-password" required autoFocus strings={strings} meter={strings.meter}
      />
      <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
    </form>
  );
}
