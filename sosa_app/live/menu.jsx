/** The member's face in the header: who I am here, the theme, and the way out. */

import { useContext, useEffect, useRef, useState } from "react";
import { ColorModeContext } from "$/utils/context";
import { call, session } from "$/public/external/sosa_app/live/device/device.js";
import { mindsHouse } from "$/public/external/sosa_app/live/device/roles.js";
import { leave } from "$/public/external/sosa_app/live/session/sign-out.jsx";

const THEMES = ["system", "dark", "light"];

/** How much happened to the account that nobody has looked at: asked once, when the page opens. */
function useUnseen(isKnown) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!isKnown) return;
    // No news is what a page without an answer shows; the settings would say what went wrong.
    call("auth", "GET", "/auth/v1/security-log/unseen").then((found) => setCount(found.count)).catch(() => {});
  }, [isKnown]);
  return count;
}

/** Whether this member has keys to the house, as far as this browser was told. */
function useHasKeys(isKnown) {
  const [hasKeys, setHasKeys] = useState(false);
  useEffect(() => {
    if (isKnown) session().then((account) => setHasKeys(mindsHouse(account))).catch(() => {});
  }, [isKnown]);
  return hasKeys;
}

export function MemberMenu({ me, strings }) {
  const [isOpen, setOpen] = useState(false);
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const root = useRef(null);
  // Kept while the connection is attached anew, like the conversation (held.jsx).
  const last = useRef(null);
  if (me.user_id) last.current = me;

  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event) => root.current?.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);

  function onKeyDown(event) {
    if (event.key !== "Escape") return;
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  }

  const unseen = useUnseen(Boolean(last.current));
  const hasKeys = useHasKeys(Boolean(last.current));

  if (!last.current) return null;
  const { face, username, nickname } = last.current;
  const name = nickname || username;
  return (
    <div className="member" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button" className="member-button" aria-expanded={isOpen} aria-controls="member-menu"
        aria-label={unseen ? `${strings.open}. ${strings.news}` : strings.open} onClick={() => setOpen(!isOpen)}
      >
        {face ? <img src={`/profiles/v1/faces/${face}.svg`} alt="" width="36" height="36" /> : <span className="face-blank" />}
        <span className="member-name">{name}</span>
        {unseen > 0 && <span className="member-news" aria-hidden="true">{unseen}</span>}
      </button>
      {isOpen && (
        <div className="member-menu" id="member-menu">
          <p className="member-who"><strong>{name}</strong><span>@{username}</span></p>
          <fieldset>
            <legend>{strings.theme}</legend>
            <div className="chips">
              {THEMES.map((theme) => (
                <label key={theme} className="chip">
                  <input
                    type="radio" name="theme" value={theme} checked={rawColorMode === theme}
                    onChange={() => setColorMode(theme)}
                  />
                  <span>{strings[theme]}</span>
                </label>
              ))}
            </div>
          </fieldset>
          {unseen > 0 && (
            <a href="/settings#security" className="pill pill-plain pill-wide">
              {strings.news} <span className="member-news">{unseen}</span>
            </a>
          )}
          <a href="/settings" className="pill pill-plain pill-wide">{strings.settings}</a>
          {hasKeys && <a href="/house" className="pill pill-plain pill-wide">{strings.house}</a>}
          <button type="button" className="pill pill-quiet pill-wide" onClick={leave}>{strings.leave}</button>
        </div>
      )}
    </div>
  );
}
