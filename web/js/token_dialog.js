/** The dialog that asks for the access token. */

import { byId } from "./dom.js";
import { keepToken } from "./preferences.js";

/**
 * Ask for the token.
 * @param {"missing" | "wrong"} why
 * @param {() => void} onToken a token was given
 */
export function askToken(why, onToken) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("token-dialog"));
  const input = /** @type {HTMLInputElement} */ (byId("token"));
  const form = /** @type {HTMLFormElement} */ (byId("token-form"));
  byId("token-wrong").hidden = why !== "wrong";
  input.value = "";
  form.onsubmit = () => {
    keepToken(input.value.trim());
    onToken();
  };
  byId("token-later").onclick = () => dialog.close();
  if (!dialog.open) dialog.showModal();
  input.focus();
}
