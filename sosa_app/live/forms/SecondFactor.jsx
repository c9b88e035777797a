/** The second step of signing in, for an account with a second lock. */

import { useNavigate } from "react-router";
import { showFactor } from "$/public/external/sosa_app/live/device/entering.js";
import { FactorPrompt } from "./FactorPrompt.jsx";
import { goToChat } from "./submit.js";

export function SecondFactor({ outcome, strings }) {
  const navigate = useNavigate();
  return (
    <FactorPrompt methods={outcome.methods} strings={strings} show={showFactor} onShown={() => goToChat(navigate)} />
  );
}
