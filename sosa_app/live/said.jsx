/** A word that the page before left to be said here: that a password was changed, that a session has ended. */

import { useEffect, useState } from "react";
import { takeWord } from "$/public/external/sosa_app/live/device/passing.js";

export function Said({ strings }) {
  const [word, setWord] = useState(null);
  useEffect(() => setWord(takeWord()), []);

  const text = strings[word];
  // The empty box stands there first: what is put into it later is read out.
  return (
    <div role="status">
      {text && (
        <p className="notice said">
          <span>{text}</span>
          <button type="button" className="said-close" aria-label={strings.close} title={strings.close} onClick={() => setWord(null)}>×</button>
        </p>
      )}
    </div>
  );
}
