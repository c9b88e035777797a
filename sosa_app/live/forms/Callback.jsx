/** The page that a provider sends a browser back to: who comes in, who is asked first, and who is stopped. */

import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { goOn } from "$/public/external/sosa_app/live/device/entering.js";
import { arrive } from "$/public/external/sosa_app/live/device/social.js";
import { AgeQuestion, Field, FormError, Submit, Terms } from "./fields.jsx";
import { NextStep } from "./NextStep.jsx";
import { goToChat, useSubmit } from "./submit.js";

/** The address holds its answer once, however often React mounts this. */
let arriving = null;

export function Callback({ strings }) {
  const [outcome, setOutcome] = useState(null);
  const [error, setError] = useState(null);
  const navigate = useNavigate();

  useEffect(() => {
    arriving ??= arrive();
    arriving.then(settle).catch(setError);
  }, []);

  function settle(found) {
    if (found.user) goToChat(navigate);
    else if (found.back) location.replace(found.back);
    else if (found.linked) location.replace("/settings#providers");
    else setOutcome(found);
  }

  if (error) return <Stopped title={strings.refused} text={error.message} back={error.back} strings={strings} isAlert />;
  if (!outcome) return <Waiting strings={strings} />;
  if (outcome.isStranger) return <Stopped title={strings.stranger} text={strings.stranger_text} strings={strings} isAlert />;
  if (outcome.unregistered) return <AcceptForm asked={outcome} strings={strings.accept} next={strings.next} />;
  return <NextStep outcome={outcome} strings={strings.next} />;
}

const Waiting = ({ strings }) => (
  <div className="door-head" role="status">
    <h1>{strings.waiting}</h1>
    <p>{strings.waiting_text}</p>
  </div>
);

const Stopped = ({ title, text, back, strings, isAlert }) => (
  <>
    <div className="door-head">
      <h1>{title}</h1>
      <p role={isAlert ? "alert" : undefined}>{text}</p>
    </div>
    <a className="pill pill-brand pill-wide" href={back ?? "/sign-in"}>{back ? strings.back_inside : strings.back}</a>
  </>
);

/** Nobody is made a member because they took the wrong door: they are asked. */
function AcceptForm({ asked, strings, next }) {
  const [outcome, setOutcome] = useState(null);
  const { form, onSubmit, refusal, ...progress } = useSubmit(
    ["username", "age_answer", "terms"],
    ({ username, age_answer, terms }) =>
      goOn("accept", { link_token: asked.link_token, username, age_answer, terms: terms === "on" }),
    setOutcome,
  );
  if (outcome) return <NextStep outcome={outcome} strings={next} />;
  return (
    <>
      <div className="door-head">
        <h1>{strings.title}</h1>
        <p>{strings.text}</p>
      </div>
      <form ref={form} className="form" method="post" onSubmit={onSubmit} aria-busy={progress.isBusy}>
        <FormError message={refusal.form} />
        <Field
          name="username" label={strings.username} hint={strings.username_hint} error={refusal.username}
          defaultValue={asked.suggested_username} autoComplete="username" autoCapitalize="none" spellCheck="false"
          required pattern="[A-Za-z0-9_\-]+" title={strings.username_hint} maxLength={32}
        />
        <AgeQuestion strings={strings} error={refusal.age_answer} />
        <Terms strings={strings} error={refusal.terms} />
        <Submit label={strings.submit} busyLabel={strings.busy} {...progress} />
      </form>
      <p className="door-other">
        {strings.no} <a href="/sign-in">{strings.no_link}</a>.
      </p>
    </>
  );
}
