/** Minding the house: who has keys, and somebody by their name, with what may be done about them. */

import { useEffect, useState } from "react";
import { call, session } from "$/public/external/sosa_app/live/device/device.js";
import { goToDoor } from "$/public/external/sosa_app/live/device/passing.js";
import { holdsKeys, mindsHouse } from "$/public/external/sosa_app/live/device/roles.js";
import { Field, FormError } from "$/public/external/sosa_app/live/forms/fields.jsx";
import { StepUp } from "$/public/external/sosa_app/live/settings/StepUp.jsx";
import { confirmed } from "$/public/external/sosa_app/live/settings/step-up.js";
import { useKeptPlace } from "$/public/external/sosa_app/live/settings/use-place.js";
import { Someone } from "./Someone.jsx";

export function House({ strings }) {
  const [account, setAccount] = useState(null);

  useEffect(() => {
    session().then((found) => (found ? setAccount(found) : goToDoor())).catch(goToDoor);
  }, []);

  if (!account) return <p className="settings-wait" role="status">{strings.wait}</p>;
  if (mindsHouse(account)) {
    return (
      <>
        <StepUp strings={strings.step_up} />
        <Minding account={account} strings={strings} />
      </>
    );
  }
  return (
    <div className="settings-section" role="status"><p>{strings.closed}</p></div>
  );
}

function Minding({ account, strings }) {
  useKeptPlace();
  const [keepers, setKeepers] = useState([]);
  const [chosen, setChosen] = useState(null);
  const [trouble, setTrouble] = useState("");

  async function loadKeepers() {
    // A moderator finds members and does not see who has which keys.
    if (!holdsKeys(account)) return;
    try {
      setKeepers((await call("auth", "GET", "/auth/v1/roles")).members);
    } catch (problem) {
      setTrouble(problem.message);
    }
  }

  useEffect(() => { loadKeepers(); }, []);

  async function look(username) {
    setTrouble("");
    try {
      setChosen(await call("auth", "GET", `/auth/v1/members/${encodeURIComponent(username)}`));
    } catch (problem) {
      setChosen(null);
      setTrouble(problem.message);
    }
  }

  /** Do something about somebody, and show how they stand afterwards. */
  async function change(method, path, body) {
    setTrouble("");
    try {
      await confirmed(() => call("auth", method, `/auth/v1/members/${chosen.id}/${path}`, body));
      await Promise.all([look(chosen.username), loadKeepers()]);
    } catch (problem) {
      setTrouble(problem.message);
    }
  }

  function onFind(event) {
    event.preventDefault();
    look(new FormData(event.target).get("username").trim());
  }

  return (
    <div className="settings-sections">
      <StepUp strings={strings.step_up} />
      <section className="settings-section" aria-labelledby="find">
        <h2 id="find" tabIndex={-1}>{strings.find}</h2>
        <FormError message={trouble} />
        <form className="house-find" onSubmit={onFind}>
          <Field
            name="username" label={strings.username} autoComplete="off" autoCapitalize="none" spellCheck="false" required
            maxLength={32}
          />
          <button type="submit" className="pill pill-brand">{strings.look}</button>
        </form>
        {chosen && <Someone key={chosen.id} member={chosen} account={account} strings={strings} onChange={change} />}
      </section>
      {keepers.length > 0 && (
        <section className="settings-section" aria-labelledby="keepers">
          <h2 id="keepers" tabIndex={-1}>{strings.keepers}</h2>
          <ul className="settings-list">
            {keepers.map((member) => (
              <li key={member.id}>
                <div>
                  <strong>@{member.username}</strong>
                  <span className="settings-detail">{member.roles.filter((role) => role !== "member").map((role) => strings.roles[role]).join(", ")}</span>
                </div>
                <button type="button" className="pill pill-plain" onClick={() => look(member.username)}>{strings.show}</button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
