import { Field } from "./fields.jsx";

/**
 * One box for a code of six characters: pasting works, and so does filling in from a mail. What is between
 * them, case and look-alikes do not matter; the server reads them as they were meant.
 */
export const CodeField = (field) => (
  <Field
    {...field} className="code" autoComplete="one-time-code" autoCapitalize="characters" spellCheck="false"
    inputMode="text" required maxLength={20}
  />
);
