/** The second step of signing in, for an account with a second lock. */

import { useNavigate } from "react-router";
import { showFactor } from "$/public/external/sosa_app/live/device/entering.js";
import { FactorPrompt } from "./FactorPrompt.jsx";
import { goToChat } from "./submit.js";

export function SecondFactor({ outcome, strings, onNext }) {
  const navigate = useNavigate();
  const { methods, word } = outcome;

  function onShown(shown) {
    if (shown.user) goToChat(navigate, word);
    else onNext({ word, ...shown });
  }

  return <FactorPrompt methods={methods} strings={strings} show={showFactor} onShown={onShown} />;
}
