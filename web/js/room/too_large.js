/** Whether files are more than the server takes: said before they are sent. */

import { language, t } from "../i18n.js";

/** The server counts its megabytes so. */
const MEGABYTE = 1 << 20;

/**
 * @param {File[]} files
 * @param {number} limit megabytes
 * @returns {string} what to do; "" where they are not
 */
export function tooLarge(files, limit) {
  const size = files.reduce((sum, file) => sum + file.size, 0) / MEGABYTE;
  if (size <= limit) return "";
  const said = (/** @type {number} */ number) => number.toLocaleString(language(), { maximumFractionDigits: number < 10 ? 1 : 0 });
  return t("make.too_large", { size: said(size), limit: said(limit) });
}
