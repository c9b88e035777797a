/** The member's settings: sections of their own, all of them talking to the services past Reflex. */

import { useEffect, useState } from "react";
import { session } from "$/public/external/sosa_app/live/device/device.js";
import { goToDoor } from "$/public/external/sosa_app/live/device/passing.js";
import { Bots } from "./Bots.jsx";
import { Devices } from "./Devices.jsx";
import { Email } from "./Email.jsx";
import { MyData } from "./MyData.jsx";
import { Password } from "./Password.jsx";
import { Providers } from "./Providers.jsx";
import { SecondLock } from "./SecondLock.jsx";
import { SecurityLog } from "./SecurityLog.jsx";
import { StepUp } from "./StepUp.jsx";
import { useNamedSection } from "./use-named-section.js";
import { useKeptPlace } from "./use-place.js";

/** In the order they are shown. Each takes `strings`, those of its own name, and `account`. */
const SECTIONS = {
  password: Password, second_lock: SecondLock, providers: Providers, email: Email, devices: Devices, bots: Bots,
  security: SecurityLog, data: MyData,
};

export function Settings({ strings }) {
  const [account, setAccount] = useState(null);
  useKeptPlace();

  useEffect(() => {
    session()
      .then((found) => (found ? setAccount(found) : goToDoor()))
      .catch(goToDoor);
  }, []);

  useNamedSection(Boolean(account));

  if (!account) return <p className="settings-wait" role="status">{strings.wait}</p>;
  const shown = Object.entries(SECTIONS);
  return (
    <div className="settings">
      <StepUp strings={strings.step_up} />
      <nav className="settings-nav" aria-label={strings.sections}>
        {shown.map(([name]) => <a key={name} href={`#${name}`}>{strings[name].title}</a>)}
      </nav>
      <div className="settings-sections">
        {shown.map(([name, Section]) => (
          <section key={name} id={name} className="settings-section" aria-labelledby={`${name}-title`}>
            <h2 id={`${name}-title`} tabIndex={-1}>{strings[name].title}</h2>
            <p className="settings-about">{strings[name].about}</p>
            <Section strings={strings[name]} account={account} />
          </section>
        ))}
      </div>
    </div>
  );
}
