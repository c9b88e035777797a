import { useEffect, useRef, useState } from "react";

import styles from "./banner.module.css";
import { WORDS } from "./words.js";

/** The first connection takes a moment; only a long one is worth words. */
const CALM_MS = 1_200;
const GOOD_NEWS_MS = 2_200;

/** How the connection is, where that is news: reconnecting, catching up, up to date. */
export function Banner({ phase, onTryNow }) {
  const shown = useNews(phase);
  return (
    <div className={styles.place} role="status" aria-live="polite">
      {shown && (
        <p className={styles.banner} data-testid="banner" data-state={shown}>
          <span className={styles.dot} aria-hidden="true" />
          <span>{WORDS.banner[shown]}</span>
          {shown === "reconnecting" && <button type="button" onClick={onTryNow}>{WORDS.retryNow}</button>}
          {shown === "stopped" && <button type="button" onClick={() => location.reload()}>{WORDS.reload}</button>}
        </p>
      )}
    </div>
  );
}

/** The phase to show, or null: bad news at once, good news only after bad ones, and not for long. */
function useNews(phase) {
  const [shown, setShown] = useState(null);
  const isWorried = useRef(false);
  useEffect(() => {
    const isBad = phase === "reconnecting" || phase === "stopped";
    if (isBad) isWorried.current = true;
    if (isBad || isWorried.current) setShown(phase);
    if (isBad) return undefined;
    const timer = phase === "live" ? goodNews(isWorried, setShown) : worryLater(isWorried, () => setShown(phase));
    return () => clearTimeout(timer);
  }, [phase]);
  return shown;
}

function goodNews(isWorried, setShown) {
  const timer = setTimeout(() => setShown(null), isWorried.current ? GOOD_NEWS_MS : 0);
  isWorried.current = false;
  return timer;
}

function worryLater(isWorried, show) {
  return setTimeout(() => { isWorried.current = true; show(); }, CALM_MS);
}
