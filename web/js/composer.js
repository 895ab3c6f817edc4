/** The box that people write in, and the door for sound files. */

import { byId, make } from "./dom.js";
import { count, onLanguage, t } from "./i18n.js";
import { choices } from "./preferences.js";

const SUGGESTIONS = 3;
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
  #chat = /** @type {HTMLInputElement} */ (byId("chat"));
  #actions;
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
    this.#drop();
    onLanguage(() => {
      this.#suggest();
      this.#fit();
    });
    this.#suggest();
    this.#fit();
  }

  /** @param {boolean} possible whether the server has a language model */
  offerChat(possible) {
    byId("chat-option").hidden = !possible;
    if (!possible) this.#chat.checked = false;
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
    this.#actions.say(text, this.#chat.checked ? "chat" : "echo", this.#interrupt.checked);
    this.#text.value = "";
    this.#goOn();
    this.#fit();
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
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #suggest() {
    const numbers = Array.from({ length: SUGGESTIONS }, (_, index) => index + 1);
    const chips = numbers.map((number) => {
      const text = t(`suggestion.${number}`);
      const chip = make("button", "chip", text);
      chip.setAttribute("type", "button");
      chip.addEventListener("click", () => {
        this.#actions.say(text, "echo", this.#interrupt.checked);
        this.#goOn();
      });
      return chip;
    });
    byId("suggestions").replaceChildren(...chips);
  }

  #files() {
    const input = /** @type {HTMLInputElement} */ (byId("file"));
    byId("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#take(input.files);
      input.value = "";
    });
  }

  #drop() {
    const carriesFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    let depth = 0; // every element under the pointer reports its own enter and leave
    const mark = (/** @type {number} */ change) => {
      depth = change ? Math.max(0, depth + change) : 0;
      document.body.toggleAttribute("data-drop", depth > 0);
    };
    addEventListener("dragenter", (event) => carriesFile(event) && mark(1));
    addEventListener("dragleave", (event) => carriesFile(event) && mark(-1));
    addEventListener("dragover", (event) => carriesFile(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      mark(0);
      this.#take(event.dataTransfer?.files ?? null);
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
