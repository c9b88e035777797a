/** Taking everything along, and leaving. */

import { useEffect, useState } from "react";
import { forgetEverybody } from "$/public/external/sosa_app/live/chat/memory.js";
import { call, signOut } from "$/public/external/sosa_app/live/device/device.js";
import { confirmed } from "./step-up.js";
import { useLoaded } from "./use-list.js";

const EXPORT = "/auth/v1/export";
const LOOK_AGAIN_MS = 1500;
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function MyData({ strings, account }) {
  const [trouble, setTrouble] = useState("");

  async function attempt(action) {
    setTrouble("");
    try {
      return await confirmed(action);
    } catch (problem) {
      setTrouble(problem.message);
      return undefined;
    }
  }

  return (
    <>
      {trouble && <p className="form-error" role="alert">{trouble}</p>}
      <Export strings={strings} attempt={attempt} />
      <Leave strings={strings} account={account} attempt={attempt} />
    </>
  );
}

function Export({ strings, attempt }) {
  const [found, error, reload] = useLoaded(() => call("auth", "GET", EXPORT));
  const isWorking = found?.state === "working";

  useEffect(() => {
    if (!isWorking) return undefined;
    const timer = setInterval(reload, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWorking]);

  async function ask() {
    await attempt(() => call("auth", "POST", EXPORT, {}));
    await reload();
  }

  async function take() {
    const file = await attempt(() => call("auth", "GET", `${EXPORT}/${found.id}/archive`));
    if (file) save(file);
  }

  return (
    <div className="settings-part">
      <h3>{strings.export_title}</h3>
      <p className="settings-detail">
        {found?.state === "ready" ? `${strings.export_ready} ${when.format(new Date(found.ready_until))}.` : strings.export_about}
      </p>
      {error && <p className="form-error" role="alert">{error}</p>}
      <div role="status">{isWorking && strings.export_working}</div>
      {found?.state === "none" && <button type="button" className="pill pill-brand" onClick={ask}>{strings.export_ask}</button>}
      {found?.state === "ready" && <button type="button" className="pill pill-brand" onClick={take}>{strings.export_take}</button>}
    </div>
  );
}

function Leave({ strings, account, attempt }) {
  const [isAsking, setAsking] = useState(false);

  async function leave(event) {
    event.preventDefault();
    const left = await attempt(async () => {
      await call("auth", "DELETE", "/auth/v1/account");
      return true;
    });
    if (!left) return;
    // The session is over already; what is left is this browser's part of it.
    await signOut().catch(() => {});
    forgetEverybody();
    location.assign("/goodbye");
  }

  return (
    <div className="settings-part">
      <h3>{strings.leave_title}</h3>
      <p className="settings-detail">{strings.leave_about}</p>
      {isAsking ? (
        <form className="settings-inline" onSubmit={leave}>
          <label className="settings-label">
            {strings.leave_sure}
            <input name="username" autoComplete="off" autoCapitalize="none" spellCheck="false" required autoFocus
              pattern={account.user.username} title={strings.leave_pattern} />
          </label>
          <button type="submit" className="pill pill-danger">{strings.leave_do}</button>
          <button type="button" className="pill pill-plain" onClick={() => setAsking(false)}>{strings.leave_not}</button>
        </form>
      ) : (
        <button type="button" className="pill pill-quiet" onClick={() => setAsking(true)}>{strings.leave_ask}</button>
      )}
    </div>
  );
}

function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "sosa.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
