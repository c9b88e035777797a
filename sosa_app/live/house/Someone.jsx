/** One member: how they stand, their keys, and the way out and back in. */

import { useEffect, useRef, useState } from "react";
import { holdsKeys } from "$/public/external/sosa_app/live/device/roles.js";

const ROLES = ["owner", "admin", "moderator"];
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `account` is who looks: what they may not do anyway is not offered. */
export function Someone({ member, account, strings, onChange }) {
  const root = useRef(null);
  const isOut = ["suspended", "banned"].includes(member.state);
  const isSelf = member.id === account.user.id;
  // Whoever asked for somebody is with them now.
  useEffect(() => { root.current?.focus(); }, []);

  return (
    <div className="house-someone" role="group" aria-label={`@${member.username}`} tabIndex={-1} ref={root}>
      <p role="status">
        <strong>@{member.username}</strong>
        <span className="settings-detail">
          {strings.states[member.state]}
          {member.state_until && ` ${strings.until} ${when.format(new Date(member.state_until))}`}
          {member.state_reason && `: ${member.state_reason}`}
        </span>
      </p>
      {!member.is_bot && holdsKeys(account) && (
        <fieldset className="house-roles">
          <legend>{strings.keys}</legend>
          {ROLES.map((role) => (
            <Role key={role} role={role} has={member.roles.includes(role)} isSelf={isSelf} strings={strings} onChange={onChange} />
          ))}
        </fieldset>
      )}
      {isOut && (
        <button type="button" className="pill pill-brand settings-alone" onClick={() => onChange("DELETE", "ban")}>{strings.let_in}</button>
      )}
      {member.state === "active" && !isSelf && (
        <SendOut terms={strings.terms.filter(({ value }) => value !== "ever" || holdsKeys(account))} strings={strings} onChange={onChange} />
      )}
    </div>
  );
}

/** A role to give or to take back. What the one who does it cannot undo is asked for twice. */
function Role({ role, has, isSelf, strings, onChange }) {
  const [isSure, setSure] = useState(false);
  const isForGood = has ? isSelf : role === "owner";

  function onClick() {
    if (isForGood && !isSure) return setSure(true);
    setSure(false);
    return has ? onChange("DELETE", `roles/${role}`) : onChange("PUT", `roles/${role}`, {});
  }

  return (
    <button
      type="button" className={has ? "pill pill-brand" : "pill pill-quiet"} aria-pressed={has} onBlur={() => setSure(false)}
      onClick={onClick}
    >
      {isSure ? strings[has ? "give_up" : "sure"].replace("{role}", strings.roles[role]) : strings.roles[role]}
    </button>
  );
}

function SendOut({ terms, strings, onChange }) {
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
          {terms.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
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
