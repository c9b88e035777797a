import { useState } from "react";

/** A button that asks once more before it removes something. */
export function Removal({ strings, onRemove }) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return <button type="button" className="pill pill-plain" onClick={() => setAsked(true)}>{strings.remove}</button>;
  }
  return (
    <div className="settings-actions">
      <button type="button" className="pill pill-brand" autoFocus onClick={() => { setAsked(false); onRemove(); }}>
        {strings.remove_really}
      </button>
      <button type="button" className="pill pill-plain" onClick={() => setAsked(false)}>{strings.remove_not}</button>
    </div>
  );
}
