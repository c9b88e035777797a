/** A button for each provider that is on. Without any, there is nothing. */

import { useEffect, useState } from "react";
import { leaveFor, listProviders } from "$/public/external/sosa_app/live/device/social.js";
import { FormError } from "./fields.jsx";

/** `may` is what the page is for: `can_sign_in` or `can_sign_up`. */
export function Providers({ strings, may }) {
  const [offered, setOffered] = useState([]);
  const [going, setGoing] = useState("");
  const [error, setError] = useState("");

  useEffect(() => {
    listProviders().then((found) => setOffered(found.filter((provider) => provider[may]))).catch(() => {});
    // The way back brings this very page out of the browser's memory, still on its way.
    const settle = () => setGoing("");
    addEventListener("pageshow", settle);
    return () => removeEventListener("pageshow", settle);
  }, []);

  async function go(name) {
    if (going) return;
    setGoing(name);
    setError("");
    try {
      await leaveFor(name);
    } catch (problem) {
      setError(problem.message);
      setGoing("");
    }
  }

  if (offered.length === 0) return null;
  return (
    <section className="providers" aria-label={strings.title}>
      <p className="providers-or"><span>{strings.or}</span></p>
      <FormError message={error} />
      {offered.map(({ name, label }) => (
        <button
          key={name} type="button" className="pill pill-quiet pill-wide" aria-disabled={going !== ""}
          data-provider={name} onClick={() => go(name)}
        >
          {going === name ? strings.going.replace("{name}", label) : strings.with.replace("{name}", label)}
        </button>
      ))}
    </section>
  );
}
