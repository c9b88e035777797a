/** The dialog behind `confirmed`: who are you, once more? */

import { useEffect, useRef, useState } from "react";
import { call, confirmMyself } from "$/public/external/sosa_app/live/device/device.js";
import { usePasskey } from "$/public/external/sosa_app/live/device/passkey.js";
import { FactorPrompt } from "$/public/external/sosa_app/live/forms/FactorPrompt.jsx";
import { AskElsewhere } from "./AskElsewhere.jsx";
import { askWith } from "./step-up.js";

async function show(method, value) {
  if (method !== "passkey") return confirmMyself(method, value);
  const { options } = await call("auth", "POST", "/auth/v1/stepup/passkey/options", {});
  return confirmMyself(method, await usePasskey(options));
}

export function StepUp({ strings }) {
  const [asked, setAsked] = useState(null);
  const dialog = useRef(null);

  useEffect(() => {
    askWith(async (refusal) => {
      const ways = await call("auth", "GET", "/auth/v1/stepup");
      return new Promise((resolve, reject) => setAsked({ ...ways, resolve, reject: () => reject(refusal) }));
    });
    return () => askWith(null);
  }, []);

  useEffect(() => { if (asked) dialog.current?.showModal(); }, [asked]);

  function end(answer) {
    answer();
    dialog.current?.close();
    setAsked(null);
  }

  // Back from a provider: what was wanted was left behind with the page.
  if (!asked && location.hash === "#confirmed") {
    return <p id="confirmed" className="notice step-up-done" role="status">{strings.confirmed}</p>;
  }
  if (!asked) return null;
  return (
    <dialog
      ref={dialog} className="step-up" aria-labelledby="step-up-title"
      onCancel={(event) => { event.preventDefault(); end(asked.reject); }}
    >
      <h2 id="step-up-title">{strings.title}</h2>
      <p className="settings-about">{strings.about}</p>
      {asked.methods.length === 0 && asked.providers.length > 0
        ? <AskElsewhere providers={asked.providers} strings={strings} />
        : <FactorPrompt methods={asked.methods} strings={strings} show={show} onShown={() => end(asked.resolve)} />}
      <button type="button" className="pill pill-plain pill-wide" onClick={() => end(asked.reject)}>
        {strings.cancel}
      </button>
    </dialog>
  );
}
