/** The cover over the picture: the invitation to connect, or that a token is wanted first. */

import { byId, setIcon } from "./dom.js";
import { t } from "./i18n.js";

const PARTS = ["title", "text", "start", "hint"];

/** @param {boolean} locked the server talks to nobody without a token */
export function showCover(locked) {
  const words = locked ? "locked" : "cover";
  for (const part of PARTS) {
    const element = byId(`cover-${part}`);
    element.dataset.t = `${words}.${part}`;
    element.textContent = t(`${words}.${part}`);
  }
  setIcon(byId("cover-icon"), locked ? "key" : "start");
  document.body.toggleAttribute("data-locked", locked);
}
