/** Markdown as language models write it, read into plain pieces: nothing of it ever becomes HTML by itself. */

/**
 * @typedef {object} Run a stretch of text of one kind
 * @property {string} text
 * @property {boolean} bold
 * @property {boolean} italic
 * @property {boolean} code
 * @property {string} href "" for no link
 *
 * @typedef {object} Block
 * @property {"text" | "heading" | "item" | "code"} kind
 * @property {string} marker of an item: "" for a bullet, or its number
 * @property {number} depth of an item
 * @property {Run[]} runs
 */

const FENCE = /^\s*(?:```|~~~)/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^\s{0,3}(?:[-*_]\s*){3,}$/;
const QUOTE = /^\s{0,3}>\s?/;
const TOKEN = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/, // an escaped sign
    /`+([^`]+)`+/, // code
    /!?\[([^\][]*)\]\(<?((?=[^)])[^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\)/, // a link, or a picture
    /<?(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}，。；：！？）])>?/, // a bare address
    /(\*\*|__|\*|_)/, // bold, italic
  ].map(({ source }) => source).join("|"),
  "gu",
);
const SAFE = /^(?:https?:\/\/|mailto:)/i;

/**
 * @param {string} source
 * @param {boolean} [growing] more is to come: what is open may yet be closed, so it counts as if it were
 * @returns {Block[]}
 */
export function parseMarkdown(source, growing = false) {
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string[]} */
  let lines = [];
  const flush = () => {
    if (lines.length) blocks.push(block("text", inline(lines.join("\n"), growing)));
    lines = [];
  };
  const all = source.replaceAll("\r\n", "\n").split("\n");
  for (let n = 0; n < all.length; n += 1) {
    const line = all[n];
    const heading = HEADING.exec(line);
    const item = RULE.test(line) ? null : ITEM.exec(line);
    if (FENCE.test(line)) {
      flush();
      const end = all.findIndex((one, place) => place > n && FENCE.test(one));
      const code = all.slice(n + 1, end < 0 ? all.length : end).join("\n");
      if (code) blocks.push(block("code", [run(code, { code: true })]));
      n = end < 0 ? all.length : end;
    } else if (heading || item) {
      flush();
      if (heading) blocks.push(block("heading", inline(heading[1], growing)));
      if (item) blocks.push(block("item", inline(item[3], growing), item[2] ?? "", Math.min(3, item[1].length >> 1)));
    } else if (!line.trim() || RULE.test(line)) flush();
    else lines.push(line.replace(QUOTE, "").trim());
  }
  flush();
  return blocks.filter(({ runs }) => runs.length);
}

/**
 * What people read of it; blocks are a line apart.
 * @param {Block[]} blocks
 */
export function plainText(blocks) {
  return blocks.map(({ runs }) => runs.map(({ text }) => text).join("")).join("\n");
}

/**
 * @param {Block["kind"]} kind
 * @param {Run[]} runs
 * @param {string} [marker]
 * @param {number} [depth]
 * @returns {Block}
 */
function block(kind, runs, marker = "", depth = 0) {
  return { kind, marker, depth, runs };
}

/**
 * @param {string} text
 * @param {Partial<Run>} [kind]
 * @returns {Run}
 */
function run(text, kind = {}) {
  return { text, bold: false, italic: false, code: false, href: "", ...kind };
}

/**
 * @param {string} text
 * @param {boolean} growing
 * @returns {Run[]}
 */
function inline(text, growing) {
  /** @type {Run[]} */
  const runs = [];
  const style = { bold: false, italic: false };
  const put = (/** @type {string} */ piece, /** @type {Partial<Run>} */ kind = {}) => {
    if (!piece) return;
    const last = runs[runs.length - 1];
    const next = run(piece, { ...style, ...kind });
    if (last && ["bold", "italic", "code", "href"].every((key) => Reflect.get(last, key) === Reflect.get(next, key))) last.text += piece;
    else runs.push(next);
  };
  let done = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, escaped, code, label, target, address, sign] = found;
    put(text.slice(done, found.index));
    done = found.index + whole.length;
    if (escaped) put(escaped);
    else if (code) put(code, { code: true });
    else if (target) put(label || target, { href: SAFE.test(target) ? target : "" });
    else if (address) put(address, { href: address });
    else if (!turned(style, sign, text, found.index, growing)) put(sign);
  }
  put(text.slice(done));
  return runs;
}

/**
 * Switch bold or italic on or off, where a sign does that.
 * @param {{bold: boolean, italic: boolean}} style
 * @param {string} sign
 * @param {string} text
 * @param {number} at where the sign stands
 * @param {boolean} growing
 * @returns {boolean} whether it did
 */
function turned(style, sign, text, at, growing) {
  const kind = sign.length === 2 ? "bold" : "italic";
  const before = text[at - 1] ?? " ";
  const rest = text.slice(at + sign.length);
  const inWord = sign.startsWith("_") && /[\p{L}\p{N}]/u.test(before) && /^[\p{L}\p{N}]/u.test(rest);
  if (inWord) return false;
  if (style[kind]) {
    if (/\s/.test(before)) return false;
    style[kind] = false;
    return true;
  }
  if (!growing && !rest.includes(sign)) return false;
  if (rest ? /^\s/.test(rest) : !growing) return false;
  style[kind] = true;
  return true;
}
