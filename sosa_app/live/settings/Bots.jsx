/** The member's bots: made, given a new secret, revoked. A secret is shown once and held nowhere but on screen. */

import { useEffect, useRef, useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { confirmed } from "./step-up.js";
import { useAttempt, useLoaded } from "./use-list.js";

const PATH = "/auth/v1/bots";
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Bots({ strings }) {
  const [found, error, reload] = useLoaded(() => call("auth", "GET", PATH));
  const [told, setTold] = useState(null);
  const [change, trouble] = useAttempt(async (action) => {
    const answer = await confirmed(action);
    setTold(answer?.secret ? answer : null);
    await reload();
  });

  return (
    <>
      {(error || trouble) && <p className="form-error" role="alert">{error || trouble}</p>}
      {told && <Secret key={told.kid} told={told} strings={strings} onDone={() => setTold(null)} />}
      {found?.bots.length === 0 && <p className="settings-detail">{strings.none}</p>}
      <ul className="settings-list">
        {(found?.bots ?? []).map((bot) => <Bot key={bot.id} bot={bot} strings={strings} onChange={change} />)}
      </ul>
      <NewBot strings={strings} onChange={change} />
    </>
  );
}

function NewBot({ strings, onChange }) {
  const [isBusy, setBusy] = useState(false);

  async function make(event) {
    event.preventDefault();
    const form = event.target;
    const name = new FormData(form).get("name").trim();
    setBusy(true);
    if (await onChange(() => call("auth", "POST", PATH, { name }))) form.reset();
    setBusy(false);
  }

  return (
    <form onSubmit={make} className="settings-inline">
      <input
        name="name" aria-label={strings.name} placeholder={strings.name} pattern="[A-Za-z0-9_\-]{3,32}" title={strings.rule}
        maxLength={32} autoComplete="off" autoCapitalize="none" spellCheck={false} required
      />
      <button type="submit" className="pill pill-brand" disabled={isBusy}>{strings.make}</button>
    </form>
  );
}

function Bot({ bot, strings, onChange }) {
  const [isSure, setSure] = useState(false);
  const path = `${PATH}/${bot.id}`;
  const seen = bot.last_seen ? `${strings.last_seen} ${when.format(new Date(bot.last_seen))}` : strings.never_seen;

  return (
    <li data-testid="bot">
      <div className="settings-bot">
        <img src={`/profiles/v1/faces/bot-${bot.id}.svg`} alt="" width={44} height={44} />
        <span>
          <strong>{bot.name}</strong>
          <span className="settings-detail">{bot.has_keys ? seen : strings.no_keys}</span>
        </span>
      </div>
      <div className="settings-actions">
        <button type="button" className="pill pill-plain" onClick={() => onChange(() => call("auth", "POST", `${path}/secret`, {}))}>
          {strings.renew}
        </button>
        <button
          type="button" className="pill pill-plain" onBlur={() => setSure(false)}
          onClick={() => (isSure ? onChange(() => call("auth", "DELETE", path)) : setSure(true))}
        >
          {isSure ? strings.revoke_sure : strings.revoke}
        </button>
      </div>
    </li>
  );
}

/** What the bot's program needs, in the form that a file of settings has. */
const asText = ({ bot, secret, salt }) => `BOT_ID=${bot.id}\nBOT_SECRET=${secret}\nBOT_SALT=${salt}`;

function Secret({ told, strings, onDone }) {
  const [isCopied, setCopied] = useState(false);
  const box = useRef(null);
  useEffect(() => { box.current?.focus(); }, []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(asText(told));
      setCopied(true);
    } catch {
      // Not every browser lets a page copy; then the text is marked, and the person does it.
      getSelection()?.selectAllChildren(box.current.querySelector("pre"));
    }
  }

  return (
    <div className="settings-secret" ref={box} tabIndex={-1} role="group" aria-label={strings.secret}>
      <p><strong>{told.bot.name}</strong> {strings.secret_about}</p>
      <pre data-testid="bot-secret">{asText(told)}</pre>
      <div className="settings-actions">
        <button type="button" className="pill pill-brand" onClick={copy}>{isCopied ? strings.copied : strings.copy}</button>
        <button type="button" className="pill pill-plain" onClick={onDone}>{strings.done}</button>
        <span className="settings-heard" role="status">{isCopied ? strings.copied : ""}</span>
      </div>
    </div>
  );
}
