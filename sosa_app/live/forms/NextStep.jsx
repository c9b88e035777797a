/** What is asked for after a first step: each kind has a form of its own. */

import { FormError } from "./fields.jsx";
import { SecondFactor } from "./SecondFactor.jsx";
import { Undelete } from "./Undelete.jsx";

/** By what the server calls it. Each takes `outcome`, the server's answer, and `strings` of its own name. */
const STEPS = { second_factor: SecondFactor, undelete: Undelete };

export function NextStep({ outcome, strings }) {
  const Step = STEPS[outcome.next];
  if (!Step) return <FormError message={strings.other} />;
  return <Step outcome={outcome} strings={strings[outcome.next]} />;
}
