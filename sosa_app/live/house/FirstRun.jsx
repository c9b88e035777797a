/** A house without an owner: whoever was shown the code at its start becomes it. */

import { useEffect, useState } from "react";
import { call, session } from "$/public/external/sosa_app/live/device/device.js";
import { rememberGoal } from "$/public/external/sosa_app/live/device/passing.js";
import { Field, FormError, Submit } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { StepUp } from "$/public/external/sosa_app/live/settings/StepUp.jsx";
import { confirmed } from "$/public/external/sosa_app/live/settings/step-up.js";
import { useAction } from "$/public/external/sosa_app/live/settings/use-action.js";

const PATH = "/auth/v1/first-run";

export function FirstRun({ strings }) {
  const [state, setState] = useState("looking");
  const { run, isBusy, refusal } = useAction(["code"]);

  useEffect(() => {
    (async () => {
      if (await session()) return (await call("auth", "GET", PATH)).is_open ? "open" : "taken";
      // They come back here once they have an account.
      rememberGoal();
      return "stranger";
    })().then(setState, (problem) => setState(problem.message));
  }, []);

  function claim(event) {
    event.preventDefault();
    const code = new FormData(event.target).get("code");
    run(async () => {
      await confirmed(() => call("auth", "POST", PATH, { code }));
      location.assign("/house");
    });
  }

  if (state === "looking") return <p className="door-other" role="status">{strings.wait}</p>;
  if (state === "stranger") {
    return (
      <Doors text={strings.stranger}>
        <a href="/register" className="pill pill-brand pill-wide">{strings.register}</a>
        <a href="/sign-in" className="pill pill-quiet pill-wide">{strings.sign_in}</a>
      </Doors>
    );
  }
  if (state !== "open") {
    return (
      <Doors text={state === "taken" ? strings.taken : state}>
        <a href="/chat" className="pill pill-brand pill-wide">{strings.chat}</a>
      </Doors>
    );
  }
  return (
    <>
      <StepUp strings={strings.step_up} />
      <form className="form" method="post" onSubmit={claim} aria-busy={isBusy}>
        <FormError message={refusal.form} />
        <Field
          name="code" label={strings.code} hint={strings.hint} error={refusal.code} className="code" autoComplete="off"
          autoCapitalize="characters" spellCheck="false" required autoFocus maxLength={20}
        />
        <Submit label={strings.submit} busyLabel={strings.busy} isReady isBusy={isBusy} />
      </form>
    </>
  );
}

const Doors = ({ text, children }) => (
  <div className="form" role="status">
    <p>{text}</p>
    {children}
  </div>
);
