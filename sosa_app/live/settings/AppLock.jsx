/** Codes from an app: a QR code, the secret for those who cannot scan it, and a first code. */

import { useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { Field, Submit } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { confirmed } from "./step-up.js";
import { Removal } from "./Removal.jsx";

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function AppLock({ since, strings, onChange }) {
  const [begun, setBegun] = useState(null);
  const [isBusy, setBusy] = useState(false);

  const begin = () => onChange(async () => setBegun(await confirmed(() => call("auth", "POST", "/auth/v1/totp", {}))));
  const remove = () => onChange(() => confirmed(() => call("auth", "DELETE", "/auth/v1/totp")));

  async function confirm(event) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const code = new FormData(event.target).get("code");
    const isDone = await onChange(() => confirmed(() => call("auth", "POST", "/auth/v1/totp/confirm", { code })));
    setBusy(false);
    if (isDone) setBegun(null);
  }

  return (
    <div className="lock">
      <div className="lock-head">
        <div>
          <h3>{strings.title}</h3>
          <span className="settings-detail">
            {since ? `${strings.since} ${day.format(new Date(since))}` : strings.about}
          </span>
        </div>
        {since && <Removal strings={strings} onRemove={remove} />}
        {!since && !begun && (
          <button type="button" className="pill pill-brand" onClick={begin}>{strings.add}</button>
        )}
      </div>
      {begun && (
        <form className="lock-setup" onSubmit={confirm} aria-busy={isBusy}>
          <img src={begun.picture} alt={strings.picture} width="220" height="220" />
          <div className="form">
            <p>{strings.scan}</p>
            <p className="settings-detail">
              {strings.by_hand} <code className="lock-secret">{begun.secret.match(/.{1,4}/g).join(" ")}</code>{" "}
              <a href={begun.uri}>{strings.open}</a>
            </p>
            <Field
              name="code" label={strings.code} autoComplete="one-time-code" inputMode="numeric"
              pattern="[0-9 ]{6,7}" maxLength={7} required autoFocus
            />
            <Submit label={strings.confirm} busyLabel={strings.busy} isReady isBusy={isBusy} />
            <button type="button" className="pill pill-plain pill-wide" onClick={() => setBegun(null)}>
              {strings.cancel}
            </button>
          </div>
        </form>
      )}
    </div>
  );
}
