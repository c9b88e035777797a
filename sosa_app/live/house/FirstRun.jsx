/** A house without an owner: whoever was shown the code at its start becomes it. */

import { useEffect, useState } from "react";
import { call, session } from "$/public/external/sosa_app/live/device/device.js";
import { Field, FormError, Submit } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { confirmed } from "$/public/external/sosa_app/live/settings/step-up.js";

const PATH = "/auth/v1/first-run";

export function FirstRun({ strings }) {
  const [state, setState] = useState("looking");
  const [trouble, setTrouble] = useState("");

  useEffect(() => {
    (async () => {
      if (!(await session())) return setState("stranger");
      const found = await call("auth", "GET", PATH);
      return setState(found.is_open ? "open" : "taken");
    })().catch((problem) => { setTrouble(problem.message); setState("open"); });
  }, []);

  async function claim(event) {
    event.preventDefault();
    const code = new FormData(event.target).get("code");
    setTrouble("");
    try {
      await confirmed(() => call("auth", "POST", PATH, { code }));
      location.assign("/house");
    } catch (problem) {
      setTrouble(problem.message);
    }
  }

  if (state === "looking") return <p role="status">{strings.wait}</p>;
  if (state === "taken") return <p>{strings.taken} <a href="/chat">{strings.chat}</a></p>;
  if (state === "stranger") {
    return <p>{strings.stranger} <a href="/register">{strings.register}</a> · <a href="/sign-in">{strings.sign_in}</a></p>;
  }
  return (
    <form className="form" onSubmit={claim}>
      <FormError message={trouble} />
      <Field
        name="code" label={strings.code} hint={strings.hint} autoComplete="one-time-code" autoCapitalize="characters"
        spellCheck="false" required maxLength={20}
      />
      <Submit label={strings.submit} isReady isBusy={false} />
    </form>
  );
}
