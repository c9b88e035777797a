/** What the account is locked with beside its password: an app, passkeys, recovery codes. */

import { call } from "$/public/external/sosa_app/live/device/device.js";
import { AppLock } from "./AppLock.jsx";
import { PasskeyLock } from "./PasskeyLock.jsx";
import { RecoveryCodes } from "./RecoveryCodes.jsx";
import { useAttempt, useLoaded } from "./use-list.js";

export function SecondLock({ strings }) {
  const [locks, error, reload] = useLoaded(() => call("auth", "GET", "/auth/v1/factors"));
  const [change, trouble] = useAttempt(async (action) => {
    await action();
    await reload();
  });

  if (!locks) return <p className="settings-wait" role="status">{error || strings.wait}</p>;
  const isLocked = Boolean(locks.totp_since) || locks.passkeys.length > 0;
  return (
    <>
      {(error || trouble) && <p className="form-error" role="alert">{error || trouble}</p>}
      <PasskeyLock passkeys={locks.passkeys} strings={strings.passkeys} onChange={change} />
      <AppLock since={locks.totp_since} strings={strings.app} onChange={change} />
      {isLocked && <RecoveryCodes count={locks.recovery_codes} strings={strings.codes} onChange={change} />}
    </>
  );
}
