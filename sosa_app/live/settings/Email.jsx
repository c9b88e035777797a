/** The member's address: which the house itself does not know, only its fingerprint. */

import { useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { CodeField } from "$/public/external/sosa_app/live/forms/CodeField.jsx";
import { Field, FormError } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { confirmed } from "./step-up.js";
import { useAction } from "./use-action.js";
import { useLoaded } from "./use-list.js";

const PATH = "/auth/v1/email";

export function Email({ strings }) {
  const [state, error, reload] = useLoaded(() => call("auth", "GET", PATH));
  const [isChanging, setChanging] = useState(false);
  const { run, isBusy, refusal } = useAction(["email", "code"]);
  if (!state) return <FormError message={error} />;

  const act = (method, path, body, isNext = false) =>
    run(async () => {
      await confirmed(() => call("auth", method, path, body));
      setChanging(isNext);
      await reload();
    });
  const submit = (method, path, read, isNext) => (event) => {
    event.preventDefault();
    act(method, path, read(new FormData(event.target)), isNext);
  };

  return (
    <>
      <p className="settings-detail" role="status">{strings[wordsFor(state)]}</p>
      <FormError message={refusal.form} />
      {state.has_mail && (isChanging && state.is_pending ? (
        <form className="form" onSubmit={submit("POST", `${PATH}/verify`, (typed) => ({ code: typed.get("code") }))}>
          <CodeField name="code" label={strings.code} hint={strings.code_hint} error={refusal.code} autoFocus />
          <Actions label={strings.confirm} isBusy={isBusy} />
        </form>
      ) : (
        <form className="form" onSubmit={submit("PUT", PATH, addressIn, true)}>
          <Field
            name="email" type="email" label={state.is_set ? strings.another : strings.email} hint={strings.email_hint} error={refusal.email}
            autoComplete="email" required maxLength={254}
          />
          <label className="check">
            <input type="checkbox" name="wants_notices" />
            <span>{strings.notices}</span>
          </label>
          <Actions label={strings.send} isBusy={isBusy} />
        </form>
      ))}
      {state.is_set && (
        <div className="settings-actions">
          {state.has_notices && (
            <button type="button" className="pill pill-plain" onClick={() => act("DELETE", `${PATH}/notices`)}>
              {strings.stop}
            </button>
          )}
          <button type="button" className="pill pill-plain" onClick={() => act("DELETE", PATH)}>{strings.remove}</button>
        </div>
      )}
    </>
  );
}

const addressIn = (typed) => ({ email: typed.get("email"), wants_notices: typed.get("wants_notices") === "on" });

function wordsFor({ has_mail, is_set, is_verified, has_notices }) {
  if (!has_mail) return "no_mail";
  if (!is_set) return "none";
  if (!is_verified) return "unverified";
  return has_notices ? "noticed" : "verified";
}

const Actions = ({ label, isBusy }) => (
  <div className="settings-actions">
    <button type="submit" className="pill pill-brand" aria-disabled={isBusy}>{label}</button>
  </div>
);
