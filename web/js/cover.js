/** The cover over the picture: the invitation to connect, or that a token is wanted first. */

import { byId, setIcon } from "./dom.js";
import { t } from "./i18n.js";

const PARTS = ["title", "text", "start", "hint"];
/** These differ with what the face does: answer, or say as is. */
const BY_KIND = new Set(["title", "text"]);

/**
 * @param {boolean} locked the server talks to nobody without a token
 * @param {import("./mode.js").Kind} kind what becomes of a text
 */
export function showCover(locked, kind) {
  for (const part of PARTS) {
    const key = locked ? `locked.${part}` : BY_KIND.has(part) ? `cover.${kind}.${part}` : `cover.${part}`;
    const element = byId(`cover-${part}`);
    element.dataset.t = key;
    element.textContent = t(key);
  }
  setIcon(byId("cover-icon"), locked ? "key" : "start");
  document.body.toggleAttribute("data-locked", locked);
}
