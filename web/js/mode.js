/** What becomes of a typed text: a question that is answered, or words said as they are. */

import { byId, make, withCode } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { choices } from "./preferences.js";

/** @typedef {"chat" | "echo"} Kind */

const SUGGESTIONS = 3;

/** Sends "change". */
export class Mode extends EventTarget {
  /** @type {Kind} */
  kind = "echo";
  /** whether a language model answers, and not the advice how to get one */
  #answers = false;
  #radios = /** @type {HTMLInputElement[]} */ ([byId("mode-chat"), byId("mode-echo")]);
  #say;

  /** @param {(text: string) => void} say a suggestion that was picked */
  constructor(say) {
    super();
    this.#say = say;
    for (const radio of this.#radios) {
      radio.addEventListener("change", () => {
        if (this.#answers) choices.set("mode", radio.value);
        this.#set(/** @type {Kind} */ (radio.value));
      });
    }
    onLanguage(() => this.#show());
    this.#show();
  }

  /** @param {import("./api.js").Body} config */
  offer({ chat, llm }) {
    this.#answers = Boolean(chat) && typeof llm === "string" && llm !== "none";
    byId("modes").hidden = !chat;
    const remembered = choices.get("mode") === "echo" ? "echo" : "chat";
    this.#set(this.#answers ? remembered : "echo");
  }

  /** Key of what is to be known of an answer: how to have better ones; "" for nothing. */
  get hint() {
    return this.#answers ? "" : "talk.no_model_how";
  }

  /** @param {Kind} kind */
  #set(kind) {
    this.kind = kind;
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  #show() {
    const { kind } = this;
    for (const radio of this.#radios) radio.checked = radio.value === kind;
    document.body.dataset.mode = kind;
    const text = byId("text");
    const words = kind === "chat" ? "talk.ask" : "talk.text";
    text.setAttribute("aria-label", t(words));
    text.setAttribute("placeholder", t(kind === "chat" ? "talk.ask_placeholder" : "talk.placeholder"));
    byId("mode-hint").replaceChildren(...(kind === "chat" && this.hint ? withCode(t("talk.no_model")) : []));
    byId("empty-text").textContent = t(kind === "chat" ? "talk.empty_chat" : "talk.empty_text");
    byId("suggestions").replaceChildren(...this.#chips());
  }

  #chips() {
    return Array.from({ length: SUGGESTIONS }, (_, index) => {
      const text = t(`suggestion.${this.kind}.${index + 1}`);
      const chip = make("button", "chip", text);
      chip.setAttribute("type", "button");
      chip.addEventListener("click", () => this.#say(text));
      return chip;
    });
  }
}
