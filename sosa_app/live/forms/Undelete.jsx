/** Somebody who is about to be gone has signed in: they may stay after all. */

import { goOn } from "$/public/external/sosa_app/live/device/entering.js";
import { FormError, Submit } from "./fields.jsx";
import { useSubmit } from "./submit.js";

export function Undelete({ strings }) {
  const stay = async () => ({ ...(await goOn("undelete", {})), word: "stayed" });
  const { form, onSubmit, refusal, ...progress } = useSubmit([], stay);
  return (
    <form ref={form} className="form" onSubmit={onSubmit} aria-busy={progress.isBusy}>
      <FormError message={refusal.form} />
      <Submit label={strings.stay} busyLabel={strings.busy} {...progress} />
      <a href="/" className="pill pill-plain pill-wide">{strings.leave}</a>
    </form>
  );
}
