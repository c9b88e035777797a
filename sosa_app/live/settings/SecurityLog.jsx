/** What happened to the account, newest first. Looking at it is what makes it no news any more. */

import { useEffect, useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function SecurityLog({ strings }) {
  const [events, setEvents] = useState([]);
  const [page, setPage] = useState(null);
  const [error, setError] = useState("");

  async function load(before) {
    try {
      const found = await call("auth", "GET", `/auth/v1/security-log${before ? `?before=${before}` : ""}`);
      setEvents((known) => (before ? [...known, ...found.events] : found.events));
      // What was found on the first page stays said: later pages look at themselves only.
      setPage((known) => ({ ...found, is_intact: found.is_intact && (known?.is_intact ?? true) }));
      if (!before && found.events.length) {
        await call("auth", "PUT", "/auth/v1/security-log/seen", { number: found.events[0].number });
      }
    } catch (problem) {
      setError(problem.message);
    }
  }
  useEffect(() => { load(); }, []);

  return (
    <>
      {error && <p className="form-error" role="alert">{error}</p>}
      {page && !page.is_intact && <p className="form-error" role="alert">{strings.broken}</p>}
      <ol className="settings-list settings-log">
        {events.map((event) => <Line key={event.number} event={event} strings={strings} />)}
      </ol>
      {page?.more && (
        <button type="button" className="pill pill-quiet settings-alone" onClick={() => load(events.at(-1).number)}>
          {strings.more}
        </button>
      )}
    </>
  );
}

function Line({ event, strings }) {
  const what = strings.events[event.name] ?? event.name.replaceAll("_", " ");
  const more = [event.device_name, strings.details[event.detail] ?? event.detail, !event.is_own && strings.by_house].filter(Boolean);
  return (
    <li>
      <div>
        <strong>{what}</strong>
        {more.length > 0 && <span className="settings-detail">{more.join(" · ")}</span>}
      </div>
      <time className="settings-detail" dateTime={event.at}>{when.format(new Date(event.at))}</time>
    </li>
  );
}
