/**
 * A message that is more than its text, drawn from its tree by React elements. HTML is made nowhere,
 * so that nothing anybody writes can become markup or script here.
 */

import { Fragment, createContext, useContext, useEffect, useRef, useState } from "react";

import { hrefOf, insideOf, isBlock } from "./body.js";
import styles from "./body.module.css";
import { Copy, Eye } from "./icons.jsx";
import { nameOf } from "./people.js";
import { WORDS } from "./words.js";

/** Whom and what names in messages stand for: `{me, profiles, emojiUrl}`. */
export const Surroundings = createContext({ me: null, profiles: new Map(), emojiUrl: () => null });

/** The body of a message by somebody called `author`. */
export function Body({ body, author, className = "" }) {
  const isAction = body.style === "action";
  return (
    <div
      className={`${styles.body} ${className}`} dir="auto" data-testid="body"
      data-big={body.is_big || undefined} data-action={isAction || undefined}
    >
      {isAction && <span className={styles.actor} dir="auto">{author} </span>}
      <Nodes nodes={body.nodes} />
    </div>
  );
}

function Nodes({ nodes }) {
  // They never change places: a message that changes is drawn anew.
  return nodes.map((node, index) => <Fragment key={index}>{draw(node)}</Fragment>);
}

function draw(node) {
  if (typeof node === "string") return node;
  const [kind, ...rest] = node;
  return Object.hasOwn(KINDS, kind) ? KINDS[kind](...rest) : <Nodes nodes={insideOf(node)} />;
}

const KINDS = {
  p: (inside) => <p dir="auto"><Nodes nodes={inside} /></p>,
  b: (inside) => <strong><Nodes nodes={inside} /></strong>,
  i: (inside) => <em><Nodes nodes={inside} /></em>,
  s: (inside) => <s><Nodes nodes={inside} /></s>,
  c: (text) => <code className={styles.code}>{text}</code>,
  pre: (language, text) => <CodeBlock language={language} text={text} />,
  q: (inside) => <blockquote className={styles.quote} dir="auto"><Nodes nodes={inside} /></blockquote>,
  ul: (items) => <ul className={styles.list}><Items items={items} /></ul>,
  ol: (start, items) => <ol className={styles.list} start={start}><Items items={items} /></ol>,
  a: (url, inside, host) => <Link url={url} inside={inside} host={host} />,
  v: (inside, why) => <Veil inside={inside} why={why} />,
  at: (name, userId) => <Mention name={name} userId={userId} />,
  e: (name, id) => <CustomEmoji name={name} id={id} />,
  luck: (kind, asked, shown, result) => <Luck kind={kind} asked={asked} shown={shown} result={result} />,
};

function Items({ items }) {
  return items.map((item, index) => <li key={index} dir="auto"><Nodes nodes={item} /></li>);
}

function Link({ url, inside, host }) {
  const href = hrefOf(url);
  if (href === null) return <Nodes nodes={inside} />;
  // No referrer: where our members talk is nobody's business. No opener: that page could put another
  // in the place of ours.
  return (
    <>
      <a className={styles.link} href={href} target="_blank" rel="noopener noreferrer nofollow ugc" title={url}>
        <Nodes nodes={inside} />
      </a>
      {host && <bdi className={styles.host}> ({host})</bdi>}
    </>
  );
}

/** Hidden from eyes and ears alike until the reader asks. */
function Veil({ inside, why }) {
  const [isOpen, setOpen] = useState(false);
  const lifted = useRef(null);
  const wasAsked = useRef(false);
  const hasLines = inside.some(isBlock);
  const Tag = hasLines ? "div" : "span";
  // The button is gone with the veil, and whoever pressed it should not have to start from the top.
  useEffect(() => { if (isOpen && wasAsked.current) lifted.current.focus(); }, [isOpen]);
  const lift = (event) => {
    event.preventDefault();
    wasAsked.current = true;
    setOpen(true);
  };
  const onKeyDown = (event) => { if (event.key === "Enter" || event.key === " ") lift(event); };
  if (isOpen) {
    return <Tag className={styles.lifted} ref={lifted} tabIndex={-1} data-why={why}><Nodes nodes={inside} /></Tag>;
  }
  const isNsfw = why === "nsfw";
  const label = isNsfw ? WORDS.body.nsfw : WORDS.body.spoiler;
  return (
    <Tag
      className={styles.veil} role="button" tabIndex={0} aria-label={label} title={label} data-why={why}
      data-testid="veil" onClick={lift} onKeyDown={onKeyDown}
    >
      {(isNsfw || hasLines) && (
        <span className={styles.why}><Eye size={15} /> {isNsfw ? WORDS.body.nsfwShort : WORDS.body.spoilerShort}</span>
      )}
      <Tag className={styles.hidden} aria-hidden="true" inert><Nodes nodes={inside} /></Tag>
    </Tag>
  );
}

function Mention({ name, userId }) {
  const { me, profiles } = useContext(Surroundings);
  const profile = profiles.get(userId);
  return (
    <span className={styles.mention} data-user={userId} data-me={userId === me || undefined}>
      @<bdi>{profile ? nameOf(profile) : name}</bdi>
    </span>
  );
}

function CustomEmoji({ name, id }) {
  const { emojiUrl } = useContext(Surroundings);
  const url = emojiUrl(id);
  const said = `:${name}:`;
  return url ? <img className={styles.emoji} src={url} alt={said} title={said} /> : said;
}

const FIGURES = { dice: "🎲", coin: "🪙", "8ball": "🎱" };

/** What chance said. Its frame is what nobody can write. */
function Luck({ kind, asked, shown, result }) {
  return (
    <span className={styles.luck} data-testid="luck" data-kind={kind}>
      <span aria-hidden="true">{FIGURES[kind]}</span>
      <span className={styles.asked}>{WORDS.body.luck[kind]?.(asked) ?? kind}</span>
      {shown.length > 0 && <span className={styles.dice}>{shown.map((die, index) => <b key={index}>{die} </b>)}</span>}
      <strong className={styles.result}>{result}</strong>
    </span>
  );
}

const COPIED_MS = 2_000;

function CodeBlock({ language, text }) {
  const [note, setNote] = useState("");
  const code = useRef(null);
  useEffect(() => {
    if (!note) return undefined;
    const timer = setTimeout(() => setNote(""), COPIED_MS);
    return () => clearTimeout(timer);
  }, [note]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setNote(WORDS.body.copied);
    } catch {
      // Forbidden, or a page without TLS: then it is one key away.
      getSelection().selectAllChildren(code.current);
      setNote(WORDS.body.copyByHand);
    }
  }
  return (
    <div className={styles.block}>
      <div className={styles.bar}>
        <span>{language}</span>
        <span role="status">{note}</span>
        <button type="button" onClick={copy}><Copy size={15} /> {WORDS.body.copy}</button>
      </div>
      <pre tabIndex={0} dir="ltr"><code ref={code}>{text}</code></pre>
    </div>
  );
}
