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

/** `[attempt, trouble]`: `attempt` does `work`, and says whether it went well; `trouble` is why it did not. */
export function useAttempt(work) {
  const [trouble, setTrouble] = useState("");
  async function attempt(...given) {
    setTrouble("");
    try {
      await work(...given);
      return true;
    } catch (problem) {
      setTrouble(problem.message);
      return false;
    }
  }
  return [attempt, trouble];
}
