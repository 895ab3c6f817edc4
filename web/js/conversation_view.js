/** The list of what was said, one card an entry, kept up to date word by word. */

import { icon, make, setIcon } from "./dom.js";
import { formatMs, language, onLanguage, t } from "./i18n.js";

/** @typedef {import("./conversation.js").Entry} Entry */

const ICONS = {
  waiting: "clock", queued: "clock", speaking: "wave", said: "check", interrupted: "cut", failed: "alert",
};

export class ConversationView {
  #list;
  #conversation;
  #onAgain;
  /** @type {Map<string, HTMLElement>} */
  #cards = new Map();

  /**
   * @param {HTMLElement} list
   * @param {import("./conversation.js").Conversation} conversation
   * @param {(entry: Entry) => void} onAgain say it once more
   */
  constructor(list, conversation, onAgain) {
    this.#list = list;
    this.#conversation = conversation;
    this.#onAgain = onAgain;
    conversation.addEventListener("change", (event) => {
      this.#update(/** @type {CustomEvent<Entry>} */ (event).detail);
    });
    onLanguage(() => conversation.entries.forEach((entry) => this.#update(entry)));
  }

  /** @param {Entry} entry */
  #update(entry) {
    const pinned = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 80;
    let card = this.#cards.get(entry.id);
    if (!card) {
      card = this.#card(entry);
      this.#cards.set(entry.id, card);
      this.#list.append(card);
    }
    card.dataset.state = entry.state;
    /** @type {Element} */ (card.querySelector(".bubble")).replaceChildren(...bubble(entry));
    this.#meta(card, entry);
    document.body.dataset.talk = this.#conversation.entries.length ? "some" : "none";
    if (pinned) this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** @param {Entry} entry */
  #card(entry) {
    const again = make("button", "again");
    again.setAttribute("type", "button");
    again.append(icon("again"), make("span"));
    again.addEventListener("click", () => this.#onAgain(entry));
    const state = make("span", "entry-state", icon("clock"), make("span", "entry-label"));
    const meta = make("div", "meta", state, make("span", "entry-time"), again);
    const card = make("li", "entry", make("div", "bubble"), meta);
    card.dataset.kind = entry.kind;
    return card;
  }

  /**
   * @param {HTMLElement} card
   * @param {Entry} entry
   */
  #meta(card, entry) {
    const part = (/** @type {string} */ selector) => /** @type {Element} */ (card.querySelector(selector));
    setIcon(part(".entry-state svg"), ICONS[entry.state]);
    const label = t(`entry.${entry.state}`);
    part(".entry-label").textContent = entry.reason ? `${label} – ${entry.reason}` : label;
    const time = entry.at.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const heard = entry.heardMs === null ? "" : t("entry.heard", { time: formatMs(entry.heardMs) });
    part(".entry-time").textContent = [time, heard].filter(Boolean).join(" · ");
    part(".again span").textContent = t("entry.again");
    part(".again").toggleAttribute("hidden", !["said", "interrupted", "failed"].includes(entry.state));
  }
}

/**
 * @param {Entry} entry
 * @returns {Node[]}
 */
function bubble(entry) {
  if (entry.kind === "file") return [icon("music"), make("span", "file-name", entry.text)];
  if (entry.kind !== "chat") return progress(entry.text, entry);
  const asked = make("p", "asked", entry.text);
  return entry.reply ? [asked, make("p", "reply", ...progress(entry.reply, entry))] : [asked];
}

/**
 * The text, with what was spoken, the current word and the rest told apart.
 * @param {string} text
 * @param {Entry} entry
 * @returns {Node[]}
 */
function progress(text, entry) {
  if (entry.state !== "speaking" && entry.state !== "interrupted") return [document.createTextNode(text)];
  const [from, to] = entry.word ?? [entry.spoken, entry.spoken];
  return [
    make("span", "said", text.slice(0, from)),
    make("mark", "", text.slice(from, to)),
    make("span", "rest", text.slice(to)),
  ];
}
