import { useEffect } from "react";

const OWN_MOVES = ["wheel", "touchmove", "keydown", "pointerdown"];

/**
 * Go to the section that the address names, and stay with it while those above it fill, each in its own time; until
 * the reader moves by themselves. The browser could not: when it looked, no section was there.
 */
export function useNamedSection(isThere) {
  useEffect(() => {
    const section = isThere && document.getElementById(location.hash.slice(1));
    if (!section) return undefined;
    const growth = new ResizeObserver(() => section.scrollIntoView({ behavior: "instant" }));
    const leave = () => growth.disconnect();
    growth.observe(section.parentElement);
    for (const move of OWN_MOVES) addEventListener(move, leave, { once: true, passive: true });
    return () => {
      leave();
      for (const move of OWN_MOVES) removeEventListener(move, leave);
    };
  }, [isThere]);
}
