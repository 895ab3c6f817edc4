/** The microphone's button: pressed, held, or the space bar in its place; its ring shows what it hears. */

import { byId, setIcon, withCode } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { HOLD_MS, Press } from "./press.js";

/** What the space bar does in these is their own matter. */
const OWN_SPACE = "input, select, textarea, button, a, summary, dialog, [contenteditable], #log";

export class VoiceButton {
  #button = /** @type {HTMLButtonElement} */ (byId("mic"));
  #text = /** @type {HTMLTextAreaElement} */ (byId("text"));
  #voice;
  #microphone;
  #press;
  /** the space bar is down, and not held long enough yet */
  #space = 0;
  #frame = 0;
  /** what is the matter, "" for nothing */
  #trouble = "";

  /**
   * @param {import("./voice.js").Voice} voice
   * @param {import("./microphone.js").Microphone} microphone
   */
  constructor(voice, microphone) {
    this.#voice = voice;
    this.#microphone = microphone;
    this.#press = new Press(voice);
    this.#onPointer();
    this.#onKeys();
    voice.addEventListener("change", () => this.#show());
    voice.addEventListener("trouble", (event) => {
      this.#trouble = /** @type {CustomEvent<string>} */ (event).detail;
      this.#explain();
    });
    byId("mic-trouble-close").addEventListener("click", () => {
      this.#trouble = "";
      this.#explain();
    });
    onLanguage(() => {
      this.#show();
      this.#explain();
    });
    this.#show();
  }

  #onPointer() {
    const button = this.#button;
    let byPointer = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      byPointer = true;
      button.setPointerCapture(event.pointerId); // or letting go beside it would not count
      this.#press.down();
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(name, () => this.#press.up());
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press opens one
    button.addEventListener("click", () => {
      if (!byPointer) this.#press.tap(); // a key, or a screen reader
      byPointer = false;
    });
  }

  #onKeys() {
    addEventListener("keydown", (event) => {
      if (event.key !== " " || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || !this.#mine(event.target)) return;
      event.preventDefault();
      if (event.repeat || this.#space || this.#press.isDown) return;
      if (event.target === this.#button) this.#press.down();
      else this.#space = setTimeout(() => this.#press.down(true), HOLD_MS / 2); // not a mere slip
    });
    addEventListener("keyup", (event) => {
      if (event.key !== " ") return;
      if (event.target === this.#button) event.preventDefault();
      this.#letGo();
    });
    addEventListener("blur", () => this.#letGo());
  }

  #letGo() {
    const slip = this.#space && !this.#press.isDown;
    clearTimeout(this.#space);
    this.#space = 0;
    if (!slip) this.#press.up();
  }

  /**
   * Whether the space bar is the microphone's: nothing else would come of it.
   * @param {EventTarget | null} target
   */
  #mine(target) {
    if (["none", "unknown"].includes(this.#voice.way) && target !== this.#button) return false;
    if (!(target instanceof Element) || document.querySelector("dialog[open]")) return false;
    if (target === this.#button) return true;
    if (target === this.#text) return this.#text.value === "";
    return !target.closest(OWN_SPACE);
  }

  #show() {
    const { state, held, speaking, way } = this.#voice;
    const button = this.#button;
    button.dataset.voice = state;
    button.toggleAttribute("data-speaking", speaking);
    button.toggleAttribute("data-way-none", way === "none");
    button.setAttribute("aria-pressed", String(state !== "off"));
    setIcon(/** @type {Element} */ (button.querySelector(".icon")), way === "none" ? "mic-off" : "mic");
    const label = t(state === "off" ? "mic.start" : "mic.stop");
    button.setAttribute("aria-label", label);
    button.title = way === "none" ? t("mic.no_recogniser.title") : label;
    const key = state === "on" ? (held ? "mic.let_go" : "mic.just_talk") : state === "opening" ? "mic.opening" : "";
    document.body.dataset.voice = state;
    byId("mic-says").textContent = key && t(key);
    this.#look();
  }

  #explain() {
    const code = this.#trouble;
    byId("mic-trouble").hidden = !code;
    if (!code) return;
    byId("mic-trouble-title").textContent = t(`mic.${code}.title`);
    byId("mic-trouble-fix").replaceChildren(...withCode(t(`mic.${code}.fix`)));
  }

  /** Follow the level while there is one. */
  #look() {
    cancelAnimationFrame(this.#frame);
    const level = this.#voice.state === "on" ? this.#microphone.level : 0;
    this.#button.style.setProperty("--level", level.toFixed(2));
    if (this.#voice.state === "on" && this.#voice.way === "server") this.#frame = requestAnimationFrame(() => this.#look());
  }
}
