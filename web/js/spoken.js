/** How far into an entry's text the speech has come, word by word. */

import { unitIndex } from "./captions.js";
import { parseMarkdown, plainText } from "./markdown.js";
import { findPlace } from "./place.js";
import { joined } from "./sentences.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/** How far ahead to look for a word in a text that is spoken otherwise than it is written. */
const SEARCH = 60;

/**
 * The text of an entry that is spoken, as it is read.
 * @param {Entry} entry
 */
export function spokenText(entry) {
  return entry.kind === "chat" ? entry.plain : entry.text;
}

/**
 * Put what the language model wrote next to its answer.
 * @param {Entry} entry
 * @param {string} piece
 * @param {boolean} last
 */
export function writeOn(entry, piece, last) {
  entry.written = true;
  setReply(entry, entry.reply + piece, !last);
}

/**
 * @param {Entry} entry
 * @param {string} reply
 * @param {boolean} growing more of it is to come
 */
function setReply(entry, reply, growing) {
  entry.reply = reply;
  entry.blocks = parseMarkdown(reply, growing);
  entry.plain = plainText(entry.blocks);
}

/** Follows the sentence that is being said. */
export class Spoken {
  /** as the server says it */
  sentence = "";
  /** @type {import("./place.js").Place | null} null where it does not stand in the text */
  #place = null;

  /**
   * @param {Entry} entry
   * @param {string} sentence
   */
  begin(entry, sentence) {
    this.sentence = sentence;
    const before = spokenText(entry).length;
    const unknown = entry.kind === "other" || (entry.kind === "chat" && !entry.written);
    if (entry.kind === "other") entry.text = joined(entry.text, sentence);
    else if (unknown) setReply(entry, joined(entry.reply, sentence), true);
    this.#place = findPlace(spokenText(entry), sentence, unknown ? before : entry.spoken);
    if (this.#place) entry.spoken = this.#place.from(0);
  }

  /**
   * @param {Entry} entry
   * @param {string} word
   * @param {number} characters before it in the sentence
   * @returns {boolean} whether it stands in the text
   */
  word(entry, word, characters) {
    const from = unitIndex(this.sentence, characters);
    const span = this.#place
      ? [this.#place.from(from), this.#place.to(from + word.length)]
      : seek(spokenText(entry), word, entry.spoken);
    if (!span) return false;
    entry.word = [span[0], Math.max(span[0], span[1])];
    entry.spoken = entry.word[1];
    return true;
  }

  /**
   * The sentence is said, or as much of it as `length` units.
   * @param {Entry} entry
   * @param {number} [length]
   */
  end(entry, length = this.sentence.length) {
    if (this.#place) entry.spoken = this.#place.to(length);
  }
}

/**
 * @param {string} text
 * @param {string} word
 * @param {number} after
 * @returns {[number, number] | null}
 */
function seek(text, word, after) {
  const from = text.indexOf(word, after);
  return from < 0 || from > after + SEARCH ? null : [from, from + word.length];
}
