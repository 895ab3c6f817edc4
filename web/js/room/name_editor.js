/** A name written anew where it stands: Enter keeps it, Escape leaves it. */

import { make } from "../dom.js";
import { t } from "../i18n.js";
import { reason } from "../reason.js";

const LONGEST = 80;

export class NameEditor {
  #shown;
  #opener;
  #save;
  #input = /** @type {HTMLInputElement} */ (make("input", "name-input"));
  #wrong = make("p", "wrong");
  #over = false;

  /**
   * @param {HTMLElement} shown what is written over
   * @param {HTMLElement} opener where the keyboard goes when it is left
   * @param {string} name
   * @param {(name: string) => Promise<void>} save throws what is wrong
   */
  constructor(shown, opener, name, save) {
    this.#shown = shown;
    this.#opener = opener;
    this.#save = save;
    Object.assign(this.#input, { type: "text", value: name, maxLength: LONGEST, enterKeyHint: "done" });
    this.#input.setAttribute("aria-label", t("face.new_name"));
    this.#wrong.setAttribute("role", "alert");
    this.#input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") this.#keep(name);
      if (event.key === "Escape") this.#leave(true);
    });
    this.#input.addEventListener("blur", () => this.#keep(name, false));
    shown.hidden = true;
    opener.setAttribute("aria-disabled", "true");
    shown.after(this.#input, this.#wrong);
    this.#input.focus();
    this.#input.select();
  }

  /**
   * @param {string} before
   * @param {boolean} [byKey] the keyboard is still here
   */
  async #keep(before, byKey = true) {
    const name = this.#input.value.trim();
    if (this.#over) return;
    if (!name || name === before) return this.#leave(byKey);
    this.#over = true; // what is pressed meanwhile does not send it again
    try {
      await this.#save(name);
      this.#input.remove();
    } catch (error) {
      this.#over = false;
      this.#wrong.textContent = t("face.not_renamed", { reason: reason(error) });
      if (byKey) this.#input.focus();
    }
  }

  /** @param {boolean} byKey */
  #leave(byKey) {
    this.#over = true;
    this.#shown.hidden = false;
    this.#opener.removeAttribute("aria-disabled");
    this.#input.remove();
    this.#wrong.remove();
    if (byKey) this.#opener.focus();
  }
}
