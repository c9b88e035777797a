import { useEffect, useState } from "react";

/** What `load` brings, `[value, error, reload]`: undefined until it is there. */
export function useLoaded(load) {
  const [value, setValue] = useState(undefined);
  const [error, setError] = useState("");
  const reload = () =>
    load().then((found) => { setValue(found); setError(""); }).catch((problem) => setError(problem.message));
  useEffect(() => { reload(); }, []);
  return [value, error, reload];
}
