/** Another password. Whoever sits down at an open screen does not know the present one. */

import { useRef, useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { FormError, PasswordField } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { confirmed } from "./step-up.js";
import { useAction } from "./use-action.js";

export function Password({ strings, account }) {
  const form = useRef(null);
  const [isDone, setDone] = useState(false);
  const { run, isBusy, refusal } = useAction(["current", "password"]);

  function onSubmit(event) {
    event.preventDefault();
    const { current, password } = Object.fromEntries(new FormData(form.current));
    setDone(false);
    run(async () => {
      const request = current ? { current, password } : { password };
      await confirmed(() => call("auth", "PUT", "/auth/v1/password", request));
      form.current.reset();
      setDone(true);
    });
  }

  return (
    <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={isBusy}>
      <FormError message={refusal.form} />
      <input type="text" name="username" value={account.user.username} autoComplete="username" readOnly hidden />
      <PasswordField
        name="current" label={strings.current} error={refusal.current} autoComplete="current-password"
        strings={strings}
      />
      <PasswordField
        name="password" label={strings.next} hint={strings.next_hint} error={refusal.password}
        autoComplete="new-password" required strings={strings} meter={strings.meter}
      />
      <div className="settings-actions">
        <button type="submit" className="pill pill-brand" aria-disabled={isBusy}>{strings.change}</button>
      </div>
      {isDone && <p className="form-said" role="status">{strings.changed}</p>}
    </form>
  );
}
