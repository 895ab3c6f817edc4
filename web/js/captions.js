/** The line under the picture that follows the speech, word by word. */

const LATIN_LINE = 74;
const CJK_LINE = 30;
const LINGER_MS = 1400;
const CJK = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]/;

/**
 * Where in a JavaScript string its n-th character begins; the server counts whole characters.
 * @param {string} text
 * @param {number} characters
 */
export function unitIndex(text, characters) {
  let index = 0;
  for (let n = 0; n < characters && index < text.length; n += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/**
 * Cut a text into captions that fit on two lines, at sentence ends, then commas, then spaces.
 * @param {string} text
 * @returns {{from: number, to: number}[]}
 */
export function captionLines(text) {
  const lines = [];
  for (let from = 0; from < text.length; ) {
    const room = CJK.test(text.slice(from, from + CJK_LINE)) ? CJK_LINE : LATIN_LINE;
    const to = text.length - from <= room ? text.length : from + cutAt(text.slice(from, from + room));
    lines.push({ from, to });
    from = to;
  }
  return lines;
}

/**
 * @param {string} piece too long to be shown with what follows it
 * @returns {number} how much of it to show
 */
function cutAt(piece) {
  for (const border of [/[.!?。！？…]["'”’)]*\s*/g, /[,;:，；：、]\s*/g, /\s+/g]) {
    const ends = [...piece.matchAll(border)].map((match) => match.index + match[0].length);
    const best = ends.filter((end) => end >= piece.length * 0.4).pop();
    if (best) return best;
  }
  const high = piece.charCodeAt(piece.length - 1);
  return high >= 0xd800 && high < 0xdc00 ? piece.length - 1 : piece.length;
}

export class Captions {
  #text = "";
  /** @type {{from: number, to: number}[]} */
  #lines = [];
  #timer = 0;
  #box;
  #live;

  /**
   * @param {HTMLElement} box what people see
   * @param {HTMLElement} live what screen readers say, once a sentence
   */
  constructor(box, live) {
    this.#box = box;
    this.#live = live;
  }

  /** @param {string} text */
  begin(text) {
    clearTimeout(this.#timer);
    this.#text = text;
    this.#lines = captionLines(text);
    this.#live.textContent = text;
    if (!text) return this.clear(); // a clip or a live voice: nothing that was said before stays
    this.#show(0, 0);
  }

  /**
   * @param {string} word
   * @param {number} offset characters from the beginning of the text
   * @param {string} [text] the whole text
   */
  word(word, offset, text) {
    if (text && text !== this.#text) this.begin(text);
    const from = unitIndex(this.#text, offset);
    this.#show(from, from + word.length);
  }

  end() {
    this.#show(this.#text.length, this.#text.length);
    this.#timer = setTimeout(() => this.clear(), LINGER_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#text = "";
    this.#box.classList.remove("on");
  }

  /**
   * @param {number} from of the current word
   * @param {number} to
   */
  #show(from, to) {
    if (!this.#text) return;
    const line = this.#lines.find((one) => from < one.to) ?? this.#lines[this.#lines.length - 1];
    const end = Math.min(to, line.to);
    this.#box.replaceChildren(
      span("said", this.#text.slice(line.from, from)),
      span("now", this.#text.slice(from, end)),
      span("next", this.#text.slice(Math.max(end, from), line.to)),
    );
    this.#box.classList.add("on");
  }
}

/**
 * @param {string} className
 * @param {string} text
 */
function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
