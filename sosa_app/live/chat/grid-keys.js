/** Arrow keys in a field of buttons that wraps as it likes: the search box above, rows below. */

/** Move the focus among `[data-emoji]` inside `root`, for an arrow key, Home or End. */
export function gridKey(event, root) {
  const buttons = [...root.querySelectorAll("[data-emoji]")];
  const at = buttons.indexOf(document.activeElement);
  const isSearching = event.target instanceof HTMLInputElement;
  const next = isSearching ? fromSearch(event, buttons) : at < 0 ? null : fromGrid(event.key, buttons, at);
  if (next === null) {
    // Who types on while in the field means the search.
    if (at >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) root.querySelector("input").focus();
    return;
  }
  event.preventDefault();
  (next === "search" ? root.querySelector("input") : next).focus();
}

function fromSearch(event, buttons) {
  if (event.key === "ArrowDown") return buttons[0] ?? null;
  if (event.key !== "Enter" || event.nativeEvent.isComposing) return null;
  // Enter takes the best of what was found.
  if (event.target.value.trim()) buttons[0]?.click();
  return "search";
}

function fromGrid(key, buttons, at) {
  if (key === "ArrowRight") return buttons[at + 1] ?? buttons[at];
  if (key === "ArrowLeft") return buttons[at - 1] ?? "search";
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  if (key === "ArrowDown") return below(buttons, at) ?? buttons[at];
  return key === "ArrowUp" ? (above(buttons, at) ?? "search") : null;
}

function below(buttons, at) {
  const { offsetTop, offsetLeft } = buttons[at];
  const row = buttons.slice(at + 1).find((other) => other.offsetTop > offsetTop)?.offsetTop;
  return nearest(buttons.filter((other) => other.offsetTop === row), offsetLeft);
}

function above(buttons, at) {
  const { offsetTop, offsetLeft } = buttons[at];
  const row = buttons.slice(0, at).findLast((other) => other.offsetTop < offsetTop)?.offsetTop;
  return nearest(buttons.filter((other) => other.offsetTop === row), offsetLeft);
}

function nearest(row, left) {
  return row.sort((a, b) => Math.abs(a.offsetLeft - left) - Math.abs(b.offsetLeft - left))[0];
}
