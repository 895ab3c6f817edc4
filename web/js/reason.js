/** Why something failed, in few words. */

import { ApiError, Unreachable } from "./api.js";
import { has, isolated, language, t } from "./i18n.js";

/**
 * @param {unknown} error
 * @returns {string}
 */
export function reason(error) {
  if (error instanceof Unreachable) return t("reason.unreachable");
  if (!(error instanceof ApiError)) return String(error);
  const { status, message, own } = error;
  return said(`reason.status.${status}`, "reason.status.other", message, own);
}

/**
 * What a stage of the session said that failed.
 * @param {string} stage
 * @param {string} message
 * @returns {string}
 */
export function stageReason(stage, message) {
  return said(`reason.stage.${stage}`, "reason.stage.other", message);
}

/**
 * The server says best what is wrong, in English. In another language, what it means comes first.
 * @param {string} key of what it means
 * @param {string} otherwise where nothing is known of that
 * @param {string} words the server's
 * @param {boolean} [own] livetalk's, and not those of something in between
 */
export function said(key, otherwise, words, own = true) {
  if (own && words && language() === "en") return words;
  const meaning = t(has(key) ? key : otherwise);
  return words ? t("reason.said", { meaning, words: isolated(words) }) : meaning;
}
