/** One member: how they stand, their keys, and the way out and back in. */

import { useState } from "react";

const ROLES = ["owner", "admin", "moderator"];
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Someone({ member, strings, onChange }) {
  const isOut = ["suspended", "banned"].includes(member.state);
  return (
    <div className="house-someone" role="group" aria-label={`@${member.username}`}>
      <p>
        <strong>@{member.username}</strong>
        <span className="settings-detail">
          {strings.states[member.state]}
          {member.state_until && ` ${strings.until} ${when.format(new Date(member.state_until))}`}
          {member.state_reason && `: ${member.state_reason}`}
        </span>
      </p>
      {!member.is_bot && <Roles member={member} strings={strings} onChange={onChange} />}
      {isOut && (
        <button type="button" className="pill pill-brand settings-alone" onClick={() => onChange("DELETE", "ban")}>{strings.let_in}</button>
      )}
      {!isOut && member.state === "active" && <SendOut strings={strings} onChange={onChange} />}
    </div>
  );
}

function Roles({ member, strings, onChange }) {
  return (
    <fieldset className="house-roles">
      <legend>{strings.keys}</legend>
      {ROLES.map((role) => {
        const has = member.roles.includes(role);
        return (
          <button
            key={role} type="button" className={has ? "pill pill-brand" : "pill pill-quiet"} aria-pressed={has}
            onClick={() => (has ? onChange("DELETE", `roles/${role}`) : onChange("PUT", `roles/${role}`, {}))}
          >
            {strings.roles[role]}
          </button>
        );
      })}
    </fieldset>
  );
}

function SendOut({ strings, onChange }) {
  const [days, setDays] = useState("1");

  function submit(event) {
    event.preventDefault();
    const reason = new FormData(event.target).get("reason").trim();
    if (days === "ever") return onChange("PUT", "ban", { reason });
    const until = new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    return onChange("PUT", "suspension", { reason, until });
  }

  return (
    <form className="house-out" onSubmit={submit}>
      <label>
        {strings.how_long}
        <select value={days} onChange={(event) => setDays(event.target.value)}>
          {strings.terms.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </select>
      </label>
      <label>
        {strings.reason}
        <input name="reason" required minLength={3} maxLength={400} autoComplete="off" />
      </label>
      <button type="submit" className="pill pill-danger">{strings.send_out}</button>
    </form>
  );
}
