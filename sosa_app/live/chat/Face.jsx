import { useState } from "react";

import styles from "./face.module.css";
import { faceUrl, nameOf } from "./people.js";

/** A member's round face on its ring; the first letter of their name until it is there. */
export function Face({ profile, size, isOnline = false }) {
  const url = faceUrl(profile);
  const [missing, setMissing] = useState(null);
  const letter = nameOf(profile).slice(0, 1).toUpperCase();
  return (
    <span className={styles.ring} style={{ "--size": `${size}px` }} data-online={isOnline || undefined} aria-hidden="true">
      {url && missing !== url ? (
        <img src={url} alt="" width={size} height={size} decoding="async" onError={() => setMissing(url)} />
      ) : (
        <span className={styles.letter}>{letter}</span>
      )}
    </span>
  );
}
