/** What is asked for after a first step: each kind has a form of its own. */

import { useEffect, useRef, useState } from "react";
import { FormError } from "./fields.jsx";
import { NewPasswordStep, PinStep, VerifyStep } from "./MailSteps.jsx";
import { SecondFactor } from "./SecondFactor.jsx";
import { Undelete } from "./Undelete.jsx";

/**
 * By what the server calls it. Each takes `outcome`, the server's answer, `strings` of its own name, and
 * `onNext`, to be called with the answer that asks for still more. What the door said gives way to the step's own
 * `title` and `said`.
 */
const STEPS = {
  verify_email: VerifyStep, pin: PinStep, new_password: NewPasswordStep, second_factor: SecondFactor,
  undelete: Undelete,
};

export function NextStep({ outcome: first, strings }) {
  const [outcome, setOutcome] = useState(first);
  const head = useRef(null);
  const Step = STEPS[outcome.next];
  const words = strings[outcome.next];

  useEffect(() => {
    // Out of the middle of a long form into a short one.
    window.scrollTo({ top: 0, behavior: "instant" });
    // Steps with something to type have taken the focus themselves.
    const step = head.current?.parentElement.parentElement;
    if (step && !step.contains(document.activeElement)) head.current.focus();
  }, [outcome.next]);

  if (!Step) return <FormError message={strings.other} />;
  return (
    <div className="door-step">
      <div className="door-head">
        <h1 ref={head} tabIndex={-1}>{words.title}</h1>
        <p role="status">{words.said}</p>
      </div>
      <Step key={outcome.next} outcome={outcome} strings={words} onNext={setOutcome} />
    </div>
  );
}
