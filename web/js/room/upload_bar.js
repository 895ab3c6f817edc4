/** How far an upload is, as a bar and in words; one that stands still says so. */

import { byId } from "../dom.js";
import { language, t } from "../i18n.js";

const STILL_MS = 8000;

export class UploadBar {
  #bar;
  #said;
  #still = 0;

  /**
   * @param {string} bar the bar's id
   * @param {string} said the words' id
   */
  constructor(bar, said) {
    this.#bar = byId(bar);
    this.#said = byId(said);
  }

  /**
   * @param {number} sent bytes
   * @param {number} all 0 as long as nobody knows
   */
  show(sent, all) {
    const share = all ? sent / all : 0;
    this.#bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    this.#bar.style.setProperty("--share", String(share));
    const said = all && sent >= all ? t("make.arrived") : t("make.sent", { sent: megabytes(sent), all: megabytes(all) });
    this.#said.textContent = all ? said : t("make.sending");
    this.stop();
    if (!all || sent < all) this.#still = setTimeout(() => (this.#said.textContent = t("make.still")), STILL_MS);
  }

  /** It is over. */
  stop() {
    clearTimeout(this.#still);
  }
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function megabytes(bytes) {
  return (bytes / 1e6).toLocaleString(language(), { maximumFractionDigits: 1, minimumFractionDigits: 1 });
}
