import { useEffect, useRef } from "react";

/**
 * Keeps the place of whoever goes by keyboard: when the button they used goes away with what it did, the heading
 * of its section takes the focus, not the top of the page. Returns the ref for what holds the sections.
 */
export function useKeptPlace() {
  const place = useRef(null);

  useEffect(() => {
    const root = place.current;
    if (!root) return undefined;
    let used = null;
    let section = null;
    const remember = ({ target }) => {
      used = target;
      section = target.closest("section");
    };
    const keep = () => {
      const isLost = used && !used.isConnected && document.activeElement === document.body;
      if (isLost && section?.isConnected) section.querySelector("h2")?.focus();
    };
    const watch = new MutationObserver(keep);
    root.addEventListener("focusin", remember);
    watch.observe(root, { childList: true, subtree: true });
    return () => {
      root.removeEventListener("focusin", remember);
      watch.disconnect();
    };
  });
  return place;
}
