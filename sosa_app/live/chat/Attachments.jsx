import { useState } from "react";

import { Lightbox } from "./Lightbox.jsx";
import styles from "./attachments.module.css";
import { Paper, Save } from "./file-icons.jsx";
import { FILE_WORDS } from "./file-words.js";
import { readableSize } from "./uploads.js";
import { useFirst, useLinks } from "./use-files.js";

/** A moving picture up to this weight moves by itself; a heavier one when it is opened. */
const MOVES_BYTES = 4_000_000;
/** The box of a picture that is alone. */
const WIDE = 420;
const HIGH = 320;

/** The files of one message: pictures as they are, others by name. */
export function Attachments({ files }) {
  const [opened, setOpened] = useState(null);
  const linkOf = useLinks(files);
  const pictures = files.filter(({ kind }) => kind === "picture");
  const others = files.filter(({ kind }) => kind !== "picture");
  return (
    <div className={styles.attachments}>
      {pictures.length > 0 && (
        <div className={styles.grid} data-count={pictures.length > 4 ? "many" : pictures.length} data-testid="pictures">
          {pictures.map((file, at) => (
            <Picture key={file.id} file={file} urls={linkOf(file.id)} isAlone={pictures.length === 1} onOpen={() => setOpened(at)} />
          ))}
        </div>
      )}
      {others.map((file) => <Other key={file.id} file={file} urls={linkOf(file.id)} />)}
      {opened !== null && (
        <Lightbox pictures={pictures} linkOf={linkOf} at={opened} onMove={setOpened} onClose={() => setOpened(null)} />
      )}
    </div>
  );
}

/** Its place is as large as it will be from the first moment on: nothing jumps when it comes. */
function Picture({ file, urls, isAlone, onOpen }) {
  const [isThere, setThere] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const [source, renew] = useFirst(urls && sourceOf(file, urls, isAlone));
  const failed = () => { if (urls && source !== sourceOf(file, urls, isAlone)) renew(); else setMissing(true); };
  return (
    <button
      type="button" className={styles.picture} style={isAlone ? boxOf(file) : undefined} data-testid="picture"
      data-there={isThere || undefined} onClick={onOpen} aria-label={FILE_WORDS.open(file.alt, file.name)}
    >
      {file.placeholder && <img className={styles.blur} src={`data:image/webp;base64,${file.placeholder}`} alt="" aria-hidden="true" />}
      {source && !isMissing && (
        <img className={styles.sharp} src={source} alt={FILE_WORDS.picture(file.alt, file.name)} loading="lazy" decoding="async" onLoad={() => setThere(true)} onError={failed} />
      )}
      {isMissing && <span className={styles.missing}>{FILE_WORDS.missing}</span>}
      {file.is_moving && <span className={styles.badge}>{FILE_WORDS.moving}</span>}
    </button>
  );
}

function sourceOf(file, urls, isAlone) {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (file.is_moving && !isStill && file.size <= MOVES_BYTES) return urls.full;
  return isAlone || window.devicePixelRatio > 1.5 ? urls.medium : urls.small;
}

function boxOf({ width, height }) {
  const scale = Math.min(1, WIDE / width, HIGH / height);
  return { inlineSize: `${Math.max(64, Math.round(width * scale))}px`, aspectRatio: `${width} / ${height}` };
}

function Other({ file, urls }) {
  return (
    <a className={styles.other} href={urls?.full} download={file.name} data-testid="file" aria-label={FILE_WORDS.download(file.name)}>
      <Paper size={24} />
      <span className={styles.about}>
        <span className={styles.name}>{file.name}</span>
        <span className={styles.size}>{readableSize(file.size)}</span>
      </span>
      <Save size={20} />
    </a>
  );
}
