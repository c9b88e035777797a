/** For who comes by a provider only: that one is asked who they are. The page is left, and come back to. */

import { useEffect, useRef, useState } from "react";
import { leaveToConfirm } from "$/public/external/sosa_app/live/device/social.js";
import { FormError } from "$/public/external/sosa_app/live/forms/fields.jsx";

export function AskElsewhere({ providers, strings }) {
  const [going, setGoing] = useState("");
  const [trouble, setTrouble] = useState("");
  const first = useRef(null);

  useEffect(() => { first.current?.focus(); }, []);

  async function go(name) {
    if (going) return;
    setGoing(name);
    setTrouble("");
    try {
      await leaveToConfirm(name);
    } catch (error) {
      setTrouble(error.message);
      setGoing("");
    }
  }

  return (
    <div className="form">
      <p className="form-note">{strings.elsewhere}</p>
      <FormError message={trouble} />
      {providers.map(({ name, label }, index) => (
        <button
          key={name} ref={index === 0 ? first : null} type="button" className="pill pill-brand pill-wide"
          aria-disabled={going !== ""} data-confirm={name} onClick={() => go(name)}
        >
          {(going === name ? strings.going : strings.ask).replace("{name}", label)}
        </button>
      ))}
    </div>
  );
}
