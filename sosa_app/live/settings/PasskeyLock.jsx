/** The member's passkeys: made, renamed, thrown away. */

import { useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { deviceName } from "$/public/external/sosa_app/live/device/entering.js";
import { canUsePasskeys, makePasskey } from "$/public/external/sosa_app/live/device/passkey.js";
import { confirmed } from "./step-up.js";
import { Removal } from "./Removal.jsx";
import { RenameForm } from "./RenameForm.jsx";

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function PasskeyLock({ passkeys, strings, onChange }) {
  const add = () => onChange(async () => {
    const { options } = await confirmed(() => call("auth", "POST", "/auth/v1/passkeys/options", {}));
    const credential = await makePasskey(options);
    const form = { credential, name: deviceName() };
    await confirmed(() => call("auth", "POST", "/auth/v1/passkeys", form));
  });

  return (
    <div className="lock">
      <div className="lock-head">
        <div>
          <h3>{strings.title}</h3>
          <span className="settings-detail">{canUsePasskeys() ? strings.about : strings.unable}</span>
        </div>
        {canUsePasskeys() && (
          <button type="button" className="pill pill-brand" onClick={add}>{strings.add}</button>
        )}
      </div>
      {passkeys.length > 0 && (
        <ul className="settings-list">
          {passkeys.map((passkey) => (
            <Passkey key={passkey.id} passkey={passkey} strings={strings} onChange={onChange} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Passkey({ passkey, strings, onChange }) {
  const [isRenaming, setRenaming] = useState(false);
  const path = `/auth/v1/passkeys/${passkey.id}`;

  function rename(name) {
    setRenaming(false);
    if (name) onChange(() => confirmed(() => call("auth", "PATCH", path, { name })));
  }

  return (
    <li>
      <div>
        {isRenaming ? (
          <RenameForm name={passkey.name} strings={strings} onDone={rename} />
        ) : (
          <strong>{passkey.name}</strong>
        )}
        <span className="settings-detail">
          {passkey.last_used
            ? `${strings.last_used} ${day.format(new Date(passkey.last_used))}`
            : `${strings.made} ${day.format(new Date(passkey.created))}`}
          {passkey.is_backed_up && ` · ${strings.backed_up}`}
        </span>
      </div>
      <div className="settings-actions">
        {!isRenaming && (
          <button type="button" className="pill pill-plain" onClick={() => setRenaming(true)}>{strings.rename}</button>
        )}
        <Removal strings={strings} onRemove={() => onChange(() => confirmed(() => call("auth", "DELETE", path)))} />
      </div>
    </li>
  );
}
