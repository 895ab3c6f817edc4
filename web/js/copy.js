/** Copying to the clipboard, also where the browser only lets people do it themselves. */

import { t } from "./i18n.js";
import { tell } from "./notice.js";

/**
 * Copy the text of an element; where that is not allowed, select it, ready to be copied by hand.
 * @param {HTMLElement} element
 */
export async function copyTextOf(element) {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    tell(t("control.copied"));
  } catch {
    getSelection()?.selectAllChildren(element); // plain http, or not allowed
    tell(t("control.selected"));
  }
}
