/** The avatar's own words, overheard by a microphone that no echo canceller guards. */

import { lettersOf } from "./place.js";

/** So much of what was heard must stand in what is being said. */
const SHARE = 0.7;
/** Words of few letters are everywhere. */
const TELLING = 3;
const WORDS = /[\p{L}\p{N}]+/gu;
const WIDE = /[\u3040-\u30ff\u3400-\u9fff]/u;

/**
 * Whether what was heard is what the avatar itself is saying.
 * @param {string} heard
 * @param {string} said "" while nothing is
 * @returns {boolean}
 */
export function isEcho(heard, said) {
  if (!said || !lettersOf(heard)) return false;
  const all = heard.toLowerCase().match(WORDS) ?? [];
  const parts = all.flatMap((word) => (WIDE.test(word) ? pairs(word) : [word]));
  const telling = parts.filter((part) => WIDE.test(part) || part.length >= TELLING);
  if (!telling.length) return false;
  const saying = said.toLowerCase();
  return telling.filter((part) => saying.includes(part)).length >= telling.length * SHARE;
}

/** @param {string} word of a script without spaces */
function pairs(word) {
  return [...word].slice(1).map((sign, n) => [...word][n] + sign);
}
