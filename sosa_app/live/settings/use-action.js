import { useState } from "react";

/**
 * Something a section does: busy meanwhile, once at a time, and its refusal by field, or under `form`.
 */
export function useAction(fields = []) {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState({});

  async function run(action) {
    if (isBusy) return;
    setBusy(true);
    setRefusal({});
    try {
      await action();
    } catch (error) {
      setRefusal({ [fields.includes(error.field) ? error.field : "form"]: error.message });
    } finally {
      setBusy(false);
    }
  }
  return { run, isBusy, refusal };
}
