/** The devices the member is signed in on: renamed, or signed out from here. */

import { useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { RenameForm } from "./RenameForm.jsx";
import { confirmed } from "./step-up.js";
import { useAttempt, useLoaded } from "./use-list.js";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Devices({ strings }) {
  const [found, error, reload] = useLoaded(() => call("auth", "GET", "/auth/v1/devices"));
  const [change, trouble] = useAttempt(async (action) => {
    await confirmed(action);
    await reload();
  });

  return (
    <>
      {(error || trouble) && <p className="form-error" role="alert">{error || trouble}</p>}
      <ul className="settings-list">
        {(found?.devices ?? []).map((device) => (
          <Device key={device.id} device={device} strings={strings} onChange={change} />
        ))}
      </ul>
      {found?.devices.length > 1 && (
        <button
          type="button" className="pill pill-quiet settings-alone"
          onClick={() => change(() => call("auth", "DELETE", "/auth/v1/sessions"))}
        >
          {strings.sign_out_others}
        </button>
      )}
    </>
  );
}

function Device({ device, strings, onChange }) {
  const [isRenaming, setRenaming] = useState(false);
  const path = `/auth/v1/devices/${device.id}`;

  function rename(name) {
    setRenaming(false);
    if (name) onChange(() => call("auth", "PATCH", path, { name }));
  }

  return (
    <li>
      <div>
        {isRenaming ? (
          <RenameForm name={device.name} strings={strings} onDone={rename} />
        ) : (
          <strong>{device.name}</strong>
        )}
        <span className="settings-detail">
          {device.is_current ? strings.here : `${strings.last_seen} ${when.format(new Date(device.last_seen))}`}
        </span>
      </div>
      <div className="settings-actions">
        {!isRenaming && (
          <button
            type="button" className="pill pill-plain" aria-label={`${strings.rename} ${device.name}`}
            onClick={() => setRenaming(true)}
          >
            {strings.rename}
          </button>
        )}
        {!device.is_current && (
          <button
            type="button" className="pill pill-plain" aria-label={`${strings.sign_out} ${device.name}`}
            onClick={() => onChange(() => call("auth", "DELETE", path))}
          >
            {strings.sign_out}
          </button>
        )}
      </div>
    </li>
  );
}
