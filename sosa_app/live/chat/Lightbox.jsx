import { useEffect, useRef } from "react";

import { After, Before, Cross } from "./file-icons.jsx";
import { FILE_WORDS } from "./file-words.js";
import styles from "./lightbox.module.css";

/** Pictures of a message as large as the window. Arrows walk, Esc closes; the browser keeps the focus inside. */
export function Lightbox({ pictures, linkOf, at, onMove, onClose }) {
  const dialog = useRef(null);
  useEffect(() => { dialog.current.showModal(); }, []);
  const file = pictures[at];
  const urls = linkOf(file.id);
  const go = (step) => { if (pictures[at + step]) onMove(at + step); };
  const onKeyDown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The page around it has keys of its own.
    event.stopPropagation();
    if (step) { event.preventDefault(); go(step); }
  };
  const onClick = (event) => { if (event.target === dialog.current) dialog.current.close(); };
  return (
    <dialog ref={dialog} className={styles.lightbox} aria-label={FILE_WORDS.lightbox} data-testid="lightbox" onClose={onClose} onKeyDown={onKeyDown} onClick={onClick}>
      <Full key={file.id} file={file} urls={urls} />
      <p className={styles.words} aria-live="polite">
        {pictures.length > 1 && <span className={styles.place}>{FILE_WORDS.place(at + 1, pictures.length)}</span>}
        <span dir="auto">{file.alt || file.name}</span>
        {urls && <a href={urls.full} target="_blank" rel="noreferrer">{FILE_WORDS.original}</a>}
      </p>
      <button type="button" className={styles.close} onClick={() => dialog.current.close()} aria-label={FILE_WORDS.close}><Cross size={24} /></button>
      {at > 0 && <button type="button" className={styles.before} onClick={() => go(-1)} aria-label={FILE_WORDS.previous}><Before size={28} /></button>}
      {at < pictures.length - 1 && <button type="button" className={styles.after} onClick={() => go(1)} aria-label={FILE_WORDS.next}><After size={28} /></button>}
    </dialog>
  );
}

/** What is there already stands in for what is coming. */
function Full({ file, urls }) {
  const fit = { aspectRatio: `${file.width} / ${file.height}`, "--wide": `${file.width}px`, "--ratio": file.width / file.height };
  return (
    <div className={styles.full} style={fit}>
      <img className={styles.stand} src={urls?.medium ?? `data:image/webp;base64,${file.placeholder}`} alt="" aria-hidden="true" />
      {urls && <img className={styles.real} src={urls.full} alt={FILE_WORDS.picture(file.alt, file.name)} />}
    </div>
  );
}
