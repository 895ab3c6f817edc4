/** The box that people write in, and the door for sound files. */

import { byId } from "./dom.js";
import { onDrop } from "./drop.js";
import { count, onLanguage, t } from "./i18n.js";
import { Mode } from "./mode.js";
import { choices } from "./preferences.js";

const SOUND_NAME = /\.(wav|mp3|m4a|aac|ogg|oga|opus|flac|webm)$/i;

/**
 * @typedef {object} ComposerActions
 * @property {(text: string, kind: "echo" | "chat", interrupt: boolean) => void} say
 * @property {(file: File) => void} play
 * @property {() => void} stop
 * @property {(message: string) => void} tell a short notice
 */

export class Composer {
  #text = /** @type {HTMLTextAreaElement} */ (byId("text"));
  #send = /** @type {HTMLButtonElement} */ (byId("send"));
  #interrupt = /** @type {HTMLInputElement} */ (byId("interrupt"));
  #actions;
  mode;
  /** characters in one text, as far as the server tells */
  #limit = Infinity;

  /** @param {ComposerActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#interrupt.checked = choices.get("interrupt") !== "no";
    this.#interrupt.addEventListener("change", () => {
      choices.set("interrupt", this.#interrupt.checked ? "yes" : "no");
    });
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#onKey(event));
    this.#text.addEventListener("input", () => this.#fit());
    byId("stop").addEventListener("click", () => {
      actions.stop();
      this.#goOn();
    });
    this.#files();
    onDrop((files) => this.#take(files));
    this.mode = new Mode((text) => {
      this.#say(text);
      this.#goOn();
    });
    onLanguage(() => this.#fit());
    this.#fit();
  }

  /** @param {unknown} limit characters in one text; what is no number means that the server does not tell */
  limitText(limit) {
    this.#limit = typeof limit === "number" ? limit : Infinity;
    this.#fit();
  }

  /**
   * A text that the server found too long comes back to be shortened, unless another was begun.
   * @param {string} text
   * @param {string} why in the server's words
   * @returns {boolean} whether it is in the box again
   */
  giveBack(text, why) {
    if (this.#text.value) return false;
    this.#text.value = text;
    this.#fit();
    byId("too-long").textContent = why;
    byId("too-long").hidden = false;
    return true;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // Enter that only picks a word of an input method must not send; Safari tells it by key code alone.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text || this.#tooLong) return;
    this.#say(text);
    this.#text.value = "";
    this.#goOn();
    this.#fit();
  }

  /** Who asks wants the answer now; what is to be said may wait for its turn. @param {string} text */
  #say(text) {
    const { kind } = this.mode;
    this.#actions.say(text, kind, kind === "chat" || this.#interrupt.checked);
  }

  /** What was pressed is of no use, or gone, afterwards: with keys, one goes on by writing; fingers want no keyboard. */
  #goOn() {
    if (matchMedia("(hover: hover)").matches) this.#text.focus();
  }

  /** How many characters there are, as the server counts them. */
  get #length() {
    return [...this.#text.value.trim()].length;
  }

  get #tooLong() {
    return this.#length > this.#limit;
  }

  #fit() {
    const note = byId("too-long");
    note.hidden = !this.#tooLong;
    note.textContent = this.#tooLong ? t("talk.too_long", { length: count(this.#length), limit: count(this.#limit) }) : "";
    this.#send.disabled = !this.#text.value.trim() || this.#tooLong;
    byId("composer").toggleAttribute("data-written", this.#text.value.trim() !== "");
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #files() {
    const input = /** @type {HTMLInputElement} */ (byId("file"));
    byId("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#take(input.files);
      input.value = "";
    });
  }

  /** @param {FileList | null} files */
  #take(files) {
    for (const file of files ?? []) {
      if (file.type.startsWith("audio/") || SOUND_NAME.test(file.name)) this.#actions.play(file);
      else this.#actions.tell(t("file.not_sound", { name: file.name }));
    }
  }
}
