/** What stands in an entry: the question, the answer, and how far that was said. */

import { finished } from "./conversation.js";
import { icon, make, withCode } from "./dom.js";
import { t } from "./i18n.js";
import { spokenText } from "./spoken.js";

/** @typedef {import("./conversation.js").Entry} Entry */
/** @typedef {import("./markdown.js").Block} Block */
/** @typedef {import("./markdown.js").Run} Run */
/** @typedef {{from: number, to: number, name: "said" | "now" | "rest" | ""}} Stretch */

const BETWEEN_WORDS = /^[\p{P}\p{S}\s]+/u;

/**
 * An entry's bubbles: what the user asked, what the avatar says.
 * @param {Entry} entry
 * @returns {HTMLElement[]}
 */
export function bubbles(entry) {
  if (entry.kind === "file") return [titled("music", entry.text || t("entry.clip"))];
  if (entry.kind === "live") return [titled("wave", t("entry.live"))];
  if (entry.kind !== "chat") return [make("div", "bubble", ...pieces(entry.text, 0, stretches(entry)))];
  const asked = make("div", "bubble asked", ...(entry.voice ? [spoken()] : []), make("span", "", entry.text || "…"));
  const answer = make("div", "bubble reply", ...reply(entry));
  const hint = entry.hint && entry.plain ? [make("p", "hint", ...withCode(t(entry.hint)))] : [];
  return [...(entry.text || entry.voice ? [asked] : []), ...(answer.childNodes.length ? [answer] : []), ...hint];
}

/**
 * @param {string} name
 * @param {string} title
 */
function titled(name, title) {
  return make("div", "bubble", icon(name), make("span", "file-name", title));
}

function spoken() {
  const sign = icon("mic");
  sign.removeAttribute("aria-hidden");
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", t("entry.voice"));
  return sign;
}

/**
 * @param {Entry} entry
 * @returns {Node[]}
 */
function reply(entry) {
  if (!entry.plain) return entry.state === "queued" ? [make("span", "dots", make("i"), make("i"), make("i"))] : [];
  const marked = stretches(entry);
  /** @type {HTMLElement[]} */
  const parts = [];
  let at = 0;
  for (const block of entry.blocks) {
    parts.push(blockElement(block, at, marked));
    at += block.runs.reduce((sum, { text }) => sum + text.length, 0) + 1;
  }
  return parts;
}

/**
 * @param {Block} block
 * @param {number} at where it begins in the reply as it is read
 * @param {Stretch[]} marked
 */
function blockElement({ kind, marker, depth, runs }, at, marked) {
  /** @type {Node[]} */
  const nodes = [];
  for (const run of runs) {
    nodes.push(dressed(run, pieces(run.text, at, marked)));
    at += run.text.length;
  }
  if (kind === "code") return make("pre", "", ...nodes);
  if (kind !== "item") return make("p", kind, ...nodes);
  const item = make("p", "item", make("span", "marker", marker ? `${marker}.` : "•"), make("span", "", ...nodes));
  item.style.setProperty("--depth", String(depth));
  return item;
}

/**
 * @param {Run} run
 * @param {Node[]} nodes
 * @returns {Node}
 */
function dressed({ bold, italic, code, href }, nodes) {
  /** @type {Node[]} */
  let inside = nodes;
  if (code) inside = [make("code", "", ...inside)];
  if (italic) inside = [make("em", "", ...inside)];
  if (bold) inside = [make("strong", "", ...inside)];
  if (href) {
    const link = /** @type {HTMLAnchorElement} */ (make("a", "", ...inside));
    Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer" });
    inside = [link];
  }
  const all = document.createDocumentFragment();
  all.append(...inside);
  return all;
}

/**
 * What was said, the current word and the rest; one stretch where they are not told apart.
 * @param {Entry} entry
 * @returns {Stretch[]}
 */
function stretches(entry) {
  const text = spokenText(entry);
  const partly = entry.begun && finished(entry) && entry.state !== "said";
  const unsaid = !entry.begun && entry.state === "interrupted";
  const comes = entry.kind === "chat" && entry.state === "queued";
  if (entry.state !== "speaking" && !partly && !unsaid && !comes) return [{ from: 0, to: text.length, name: "" }];
  const [from, to] = entry.word ?? [entry.spoken, entry.spoken];
  const blank = to && !entry.word ? BETWEEN_WORDS.exec(text.slice(to))?.[0].length ?? 0 : 0; // belongs to what was said
  return [
    { from: 0, to: from, name: "said" },
    { from, to, name: "now" },
    { from: to, to: to + blank, name: "" },
    { from: to + blank, to: text.length, name: "rest" },
  ];
}

/**
 * @param {string} text
 * @param {number} at where it begins in the whole
 * @param {Stretch[]} marked
 * @returns {Node[]}
 */
function pieces(text, at, marked) {
  /** @type {Node[]} */
  const found = [];
  for (const { from, to, name } of marked) {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (!part) continue;
    if (name === "now") found.push(make("mark", "", part));
    else found.push(name ? make("span", name, part) : document.createTextNode(part));
  }
  return found;
}
