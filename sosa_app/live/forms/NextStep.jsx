/** What is asked for after a first step: each kind has a form of its own. */

import { useState } from "react";
import { FormError } from "./fields.jsx";
import { NewPasswordStep, PinStep, VerifyStep } from "./MailSteps.jsx";
import { SecondFactor } from "./SecondFactor.jsx";
import { Undelete } from "./Undelete.jsx";

/**
 * By what the server calls it. Each takes `outcome`, the server's answer, `strings` of its own name, and
 * `onNext`, to be called with the answer that asks for still more.
 */
const STEPS = {
  verify_email: VerifyStep, pin: PinStep, new_password: NewPasswordStep, second_factor: SecondFactor,
  undelete: Undelete,
};

export function NextStep({ outcome: first, strings }) {
  const [outcome, setOutcome] = useState(first);
  const Step = STEPS[outcome.next];
  if (!Step) return <FormError message={strings.other} />;
  return <Step key={outcome.next} outcome={outcome} strings={strings[outcome.next]} onNext={setOutcome} />;
}
