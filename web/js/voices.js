/** The voices as people look for them: by language, then what has no name, then variants of a voice. */

import { language } from "./i18n.js";

/** @typedef {{id: string, name: string}} Choice */

/**
 * A language's name in the page's language, "" where it has none.
 * @param {string} tag
 */
function tongue(tag) {
  if (!/^[a-z]{2,3}(-|$)/.test(tag)) return "";
  try {
    return new Intl.DisplayNames([language()], { type: "language", fallback: "none" }).of(tag) ?? "";
  } catch {
    return ""; // not a language tag after all
  }
}

/**
 * Names for people, in the order to show them in; ids that begin with "+" vary the voice, not its language.
 * @param {Choice[]} voices
 * @returns {{languages: Choice[], variants: Choice[]}}
 */
export function arrangeVoices(voices) {
  const by = (/** @type {Choice} */ one, /** @type {Choice} */ other) => one.name.localeCompare(other.name, language());
  const plain = voices.filter(({ id }) => !id.startsWith("+"));
  const named = plain.map((voice) => ({ ...voice, tongue: voice.name === voice.id ? tongue(voice.id) : "" }));
  const languages = named
    .filter((voice) => voice.tongue || voice.name !== voice.id)
    .map((voice) => ({ id: voice.id, name: voice.tongue ? `${voice.tongue} · ${voice.id}` : voice.name }));
  const nameless = named.filter((voice) => !voice.tongue && voice.name === voice.id).map(({ id }) => ({ id, name: id }));
  const variants = voices
    .filter(({ id }) => id.startsWith("+"))
    .map(({ id, name }) => ({ id, name: name.replace(/^\+/, "") }));
  return { languages: [...languages.sort(by), ...nameless.sort(by)], variants: variants.sort(by) };
}
