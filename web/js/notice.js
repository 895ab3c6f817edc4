/** A short notice over the page, for what nobody has to answer. */

import { byId } from "./dom.js";

const NOTICE_MS = 4500;

/**
 * Show one; it goes by itself.
 * @param {string} message
 */
export function tell(message) {
  const notice = byId("notice");
  notice.textContent = message;
  notice.classList.add("on");
  setTimeout(() => {
    if (notice.textContent === message) notice.classList.remove("on");
  }, NOTICE_MS);
}
