/** Times as people read them, in their own time zone and language. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** The time of day. */
export const clockTime = (at) => clock.format(at);

/** Date and time, for a hover. */
export const fullTime = (at) => full.format(at);

/** "Today", "Yesterday", a weekday and date, or a date with its year. */
export function dayLabel(at, now = Date.now()) {
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? day : dayAndYear).format(at);
}

/** Days differ by 23 to 25 hours where clocks change, so that the difference has to be rounded. */
function midnight(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
