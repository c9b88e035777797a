/** Asks the member who they are; set by the dialog that does it. Resolves when they have shown it. */
let ask = null;

export function askWith(asker) {
  ask = asker;
}

/**
 * Run an action that the server may want a fresh proof of who we are for. Returns what it returns. It runs a second
 * time when that was so; when the member would rather not, the refusal is thrown.
 */
export async function confirmed(action) {
  try {
    return await action();
  } catch (error) {
    if (error.code !== "step_up_required" || !ask) throw error;
    await ask(error);
  }
  return action();
}
