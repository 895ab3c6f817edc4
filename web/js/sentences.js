/** Sentences put together to a text again. */

/** Scripts that set no space between sentences. */
const WIDE_END = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef][\u201d\u2019]?$/;

/**
 * @param {string} before
 * @param {string} sentence
 * @returns {string}
 */
export function joined(before, sentence) {
  return before && !WIDE_END.test(before) ? `${before} ${sentence}` : before + sentence;
}
