/** Recovery codes: shown once, to be copied or kept as a file. */

import { useState } from "react";
import { call } from "$/public/external/sosa_app/live/device/device.js";
import { confirmed } from "./step-up.js";

export function RecoveryCodes({ count, strings, onChange }) {
  const [codes, setCodes] = useState(null);
  const [isCopied, setCopied] = useState(false);

  const make = () => onChange(async () => {
    setCopied(false);
    setCodes((await confirmed(() => call("auth", "POST", "/auth/v1/recovery-codes", {}))).codes);
  });

  async function copy() {
    await navigator.clipboard.writeText(codes.join("\n"));
    setCopied(true);
  }

  const file = codes && `data:text/plain;charset=utf-8,${encodeURIComponent(`${strings.file_head}\n\n${codes.join("\n")}\n`)}`;
  return (
    <div className="lock">
      <div className="lock-head">
        <div>
          <h3>{strings.title}</h3>
          <span className="settings-detail">{count ? `${strings.left} ${count}. ${strings.about}` : strings.about}</span>
        </div>
        <button type="button" className={count ? "pill pill-plain" : "pill pill-brand"} onClick={make}>
          {count ? strings.renew : strings.make}
        </button>
      </div>
      {codes && (
        <div className="form">
          <p role="status">{strings.once}</p>
          <ol className="lock-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ol>
          <div className="settings-actions">
            <button type="button" className="pill pill-plain" onClick={copy}>
              {isCopied ? strings.copied : strings.copy}
            </button>
            <a className="pill pill-plain" href={file} download={strings.file_name}>{strings.save}</a>
            <button type="button" className="pill pill-brand" onClick={() => setCodes(null)}>{strings.done}</button>
          </div>
        </div>
      )}
    </div>
  );
}
