/** Run an action that the server may ask a fresh proof of who we are for. Returns what it returns. */
export const confirmed = (action) => action();
