/** What the avatar is about: it listens, thinks, speaks. A quiet sign on the picture; told to screen readers when it lasts. */

import { byId } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/** Thinking that takes longer is worth a word to those who do not see the sign. */
const LONG_MS = 1500;
const KNOWN = new Set(["listening", "thinking", "speaking"]);

export class Mood {
  #link;
  #conversation;
  #voice;
  /** as the server says; null as long as it has not */
  #told = /** @type {string | null} */ (null);
  #timer = 0;
  #shown = "";

  /**
   * @param {import("./link.js").Link} link
   * @param {import("./conversation.js").Conversation} conversation
   * @param {import("./voice.js").Voice} voice
   */
  constructor(link, conversation, voice) {
    this.#link = link;
    this.#conversation = conversation;
    this.#voice = voice;
    link.addEventListener("event", (event) => {
      const { name, data } = /** @type {CustomEvent} */ (event).detail;
      if (name !== "state") return;
      this.#told = String(data.state);
      this.#show();
    });
    link.addEventListener("state", () => {
      if (link.state.name !== "connected") this.#told = null;
      this.#show();
    });
    conversation.addEventListener("change", () => this.#show());
    voice.addEventListener("change", () => this.#show());
    onLanguage(() => this.#show(true));
  }

  /** @returns {string} "" for nothing in particular */
  get #now() {
    if (this.#link.state.name !== "connected") return "";
    if (this.#voice.speaking) return "listening";
    if (this.#told !== null) return KNOWN.has(this.#told) ? this.#told : "";
    if (this.#conversation.speaking) return "speaking";
    return this.#conversation.unfinished.some(({ kind }) => kind === "chat") ? "thinking" : "";
  }

  /** @param {boolean} [anew] */
  #show(anew = false) {
    const now = this.#now;
    if (now === this.#shown && !anew) return;
    this.#shown = now;
    document.body.dataset.mood = now;
    if (now) byId("mood-word").textContent = t(`mood.${now}`);
    clearTimeout(this.#timer);
    byId("mood-said").textContent = "";
    if (now === "thinking") this.#timer = setTimeout(() => (byId("mood-said").textContent = t("mood.thinking")), LONG_MS);
  }
}
