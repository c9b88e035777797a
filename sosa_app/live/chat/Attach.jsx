import { useEffect, useRef, useState } from "react";

import { FILE_WORDS } from "./file-words.js";
import { Clip } from "./file-icons.jsx";
import styles from "./tray.module.css";

/** The button that lets somebody pick pictures or files, several at once. */
export function Attach({ onFiles }) {
  const input = useRef(null);
  const pick = (event) => {
    onFiles(event.target.files);
    // Or the same file could not be chosen again.
    event.target.value = "";
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden onChange={pick} data-testid="picker" tabIndex={-1} aria-hidden="true" />
      <button type="button" className={styles.attach} data-testid="attach" onClick={() => input.current.click()} aria-label={FILE_WORDS.attach} title={FILE_WORDS.attach}>
        <Clip size={20} />
      </button>
    </>
  );
}

/** A handler of paste that takes files; text goes where it always goes. */
export function pastedFiles(onFiles) {
  return (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
}

/** Takes what is dropped onto `place`, and says so while it hovers above. */
export function DropHere({ place, onFiles }) {
  const [isOver, setOver] = useState(false);
  useEffect(() => dropping(place.current, setOver, onFiles), [place, onFiles]);
  return isOver ? <div className={styles.drop} data-testid="drop-here"><p>{FILE_WORDS.drop}</p></div> : null;
}

function dropping(target, setOver, onFiles) {
  // Enter and leave come for every element on the way; the count says whether one is still inside.
  let depth = 0;
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  const move = (step) => (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + step);
    setOver(depth > 0);
  };
  const on = {
    dragenter: move(1),
    dragleave: move(-1),
    dragover: (event) => { if (holds(event)) event.preventDefault(); },
    drop: (event) => {
      if (!holds(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      onFiles(event.dataTransfer.files);
    },
  };
  for (const [name, act] of Object.entries(on)) target.addEventListener(name, act);
  return () => { for (const [name, act] of Object.entries(on)) target.removeEventListener(name, act); };
}
