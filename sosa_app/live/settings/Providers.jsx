/** Accounts elsewhere that open this one: linked and unlinked from here. */

import { call } from "$/public/external/sosa_app/live/device/device.js";
import { leaveToLink, listProviders } from "$/public/external/sosa_app/live/device/social.js";
import { confirmed } from "./step-up.js";
import { useAttempt, useLoaded } from "./use-list.js";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

async function load() {
  const [offered, { linked }] = await Promise.all([
    listProviders(),
    call("auth", "GET", "/auth/v1/providers/linked"),
  ]);
  const taken = new Set(linked.map(({ provider }) => provider));
  return { linked, free: offered.filter(({ name, can_sign_in }) => can_sign_in && !taken.has(name)) };
}

export function Providers({ strings }) {
  const [found, error, reload] = useLoaded(load);
  const [change, trouble] = useAttempt(async (action) => {
    await confirmed(action);
    await reload();
  });

  const { linked = [], free = [] } = found ?? {};
  return (
    <>
      {(error || trouble) && <p className="form-error" role="alert">{error || trouble}</p>}
      {found && linked.length + free.length === 0 && <p>{strings.none}</p>}
      <ul className="settings-list">
        {linked.map(({ provider, label, username_hint, linked_at }) => (
          <li key={provider}>
            <div>
              <strong>{label}</strong>
              <span className="settings-detail">
                {[username_hint, `${strings.since} ${when.format(new Date(linked_at))}`].filter(Boolean).join(" · ")}
              </span>
            </div>
            <button
              type="button" className="pill pill-plain" aria-label={`${strings.unlink} ${label}`}
              onClick={() => change(() => call("auth", "DELETE", `/auth/v1/providers/${provider}`))}
            >
              {strings.unlink}
            </button>
          </li>
        ))}
        {free.map(({ name, label }) => (
          <li key={name}>
            <div>
              <strong>{label}</strong>
              <span className="settings-detail">{strings.free}</span>
            </div>
            <button
              type="button" className="pill pill-quiet" aria-label={`${strings.link} ${label}`}
              onClick={() => change(() => leaveToLink(name))}
            >
              {strings.link}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
