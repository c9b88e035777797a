import { useEffect } from "react";

/**
 * Keeps the place of whoever goes by keyboard: when the button they used goes away with what it did, the heading
 * of its section takes the focus, and not the top of the page. For pages made of sections whose `h2` has a
 * tabIndex.
 */
export function useKeptPlace() {
  useEffect(() => {
    let used = null;
    let section = null;
    const remember = ({ target }) => {
      used = target;
      section = target.closest("section");
    };
    const keep = () => {
      if (!used || used.isConnected || document.activeElement !== document.body) return;
      used = null;
      if (section?.isConnected) section.querySelector("h2[tabindex]")?.focus();
    };
    const watch = new MutationObserver(keep);
    document.addEventListener("focusin", remember);
    watch.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      watch.disconnect();
    };
  }, []);
}
