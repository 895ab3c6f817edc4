/** The page's words in two languages: texts by key, live switching, and what to do with numbers. */

import { en } from "./lang/en.js";
import { zh } from "./lang/zh.js";
import { choices } from "./preferences.js";

/** @typedef {"en" | "zh"} Language */

const TEXTS = { en, zh };

/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Language} */
export function language() {
  return document.documentElement.lang === "zh" ? "zh" : "en";
}

/**
 * A text in the current language, with {names} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  /** @type {Record<string, string>} */
  const texts = TEXTS[language()];
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Whether there is a text for this key.
 * @param {string} key
 */
export function has(key) {
  return key in en;
}

/**
 * Write the texts into everything below `root` that names a key:
 * data-t for the content, data-t-<attribute> for an attribute.
 * @param {ParentNode} [root]
 */
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? "");
  }
  for (const name of ["aria-label", "title", "placeholder"]) {
    for (const element of root.querySelectorAll(`[data-t-${name}]`)) {
      element.setAttribute(name, t(element.getAttribute(`data-t-${name}`) ?? ""));
    }
  }
}

/** @param {Language} wanted */
export function setLanguage(wanted) {
  document.documentElement.lang = wanted;
  choices.set("language", wanted);
  translate();
  for (const listener of listeners) listener();
}

/**
 * Call back after every change of language.
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * A name within a sentence, which keeps its direction where the name is written in the other.
 * @param {string} name
 * @returns {string}
 */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

/**
 * A large number for people.
 * @param {number} number
 * @returns {string}
 */
export function count(number) {
  return number.toLocaleString(language());
}

/**
 * Milliseconds for people.
 * @param {number | null | undefined} ms
 * @returns {string}
 */
export function formatMs(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
