/** Where in a written text a spoken sentence stands, though signs that nobody speaks were taken out of it. */

const LETTERS = /[\p{L}\p{N}]/gu;

/**
 * The letters and digits of a text, in small, and where each stands.
 * @param {string} text
 */
function letters(text) {
  const at = [];
  const ends = [];
  let plain = "";
  for (const { 0: letter, index } of text.matchAll(LETTERS)) {
    const small = letter.toLowerCase();
    plain += small;
    for (const _ of small.split("")) {
      at.push(index);
      ends.push(index + letter.length);
    }
  }
  return { plain, at, ends };
}

/**
 * What a text comes to when only its letters and digits count.
 * @param {string} text
 */
export function lettersOf(text) {
  return letters(text).plain;
}

/** A sentence's place in a text. */
export class Place {
  #toText;

  /** @param {(index: number, end: boolean) => number} toText */
  constructor(toText) {
    this.#toText = toText;
  }

  /**
   * Where what stands at `index` of the sentence begins in the text.
   * @param {number} index
   */
  from(index) {
    return this.#toText(index, false);
  }

  /**
   * Where what stands before `index` of the sentence ends in the text.
   * @param {number} index
   */
  to(index) {
    return this.#toText(index, true);
  }
}

/**
 * @param {string} text
 * @param {string} sentence
 * @param {number} after look from here on
 * @returns {Place | null} null where it is not there
 */
export function findPlace(text, sentence, after) {
  const exact = text.indexOf(sentence, after);
  if (exact >= 0) return new Place((index) => exact + index);
  const [written, spoken] = [letters(text), letters(sentence)];
  if (!spoken.plain) return null;
  const first = written.at.findIndex((at) => at >= after);
  const base = first < 0 ? -1 : written.plain.indexOf(spoken.plain, first);
  if (base < 0) return null;
  return new Place((index, end) => {
    const passed = spoken.at.findIndex((at) => at >= index);
    const count = passed < 0 ? spoken.at.length : passed;
    if (end) return count ? written.ends[base + count - 1] : written.at[base];
    return count < spoken.at.length ? written.at[base + count] : written.ends[base + count - 1];
  });
}
