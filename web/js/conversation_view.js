/** The list of what was said, one card an entry, kept up to date word by word. */

import { bubbles } from "./bubble.js";
import { finished } from "./conversation.js";
import { icon, make, setIcon } from "./dom.js";
import { formatMs, language, onLanguage, t } from "./i18n.js";

/** @typedef {import("./conversation.js").Entry} Entry */

const ICONS = {
  listening: "mic", waiting: "clock", queued: "clock", speaking: "wave", said: "check", interrupted: "cut", failed: "alert",
  misheard: "alert",
};
/** This near to its end, the list stays there by itself. */
const NEAR_PX = 80;
/** So far below its upper edge is the word that sounds, at least. */
const MARGIN_PX = 56;

export class ConversationView {
  #list;
  #conversation;
  #onAgain;
  /** @type {Map<string, HTMLElement>} */
  #cards = new Map();
  /** the list is at its end, and is to stay there */
  #pinned = true;
  #size = "";
  /** where the list was put by itself: to its end, or to the word that sounds */
  #put = -1;

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
    conversation.addEventListener("remove", (event) => {
      const { id } = /** @type {CustomEvent<Entry>} */ (event).detail;
      this.#cards.get(id)?.remove();
      this.#cards.delete(id);
      this.#showEmpty();
    });
    onLanguage(() => conversation.entries.forEach((entry) => this.#update(entry)));
    list.addEventListener("scroll", () => this.#look());
    new ResizeObserver(() => this.#look()).observe(list);
  }

  /** The list was scrolled: by a person, or by the browser because its size changed. */
  #look() {
    const { clientWidth, clientHeight, scrollHeight, scrollTop } = this.#list;
    const size = `${clientWidth} ${clientHeight}`;
    if (size !== this.#size) this.#follow();
    else if (scrollTop !== this.#put) this.#pinned = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#size = size;
  }

  #follow() {
    if (!this.#pinned) return;
    const list = this.#list;
    list.scrollTop = list.scrollHeight;
    const sounding = list.querySelector("[data-state=speaking] mark");
    const above = sounding ? list.getBoundingClientRect().top + MARGIN_PX - sounding.getBoundingClientRect().top : 0;
    if (above > 0) list.scrollTop -= above; // a long answer is read from where it is said
    this.#put = list.scrollTop;
  }

  /** @param {Entry} entry */
  #update(entry) {
    let card = this.#cards.get(entry.id);
    if (!card) {
      card = this.#card(entry);
      this.#cards.set(entry.id, card);
      this.#list.append(card);
    }
    card.dataset.state = entry.state;
    card.dataset.kind = entry.kind;
    /** @type {Element} */ (card.querySelector(".bubbles")).replaceChildren(...bubbles(entry));
    this.#meta(card, entry);
    this.#showEmpty();
    this.#follow();
  }

  #showEmpty() {
    document.body.dataset.talk = this.#conversation.entries.length ? "some" : "none";
  }

  /** @param {Entry} entry */
  #card(entry) {
    const again = make("button", "again");
    again.setAttribute("type", "button");
    again.append(icon("again"), make("span"));
    again.addEventListener("click", () => this.#onAgain(entry));
    const state = make("span", "entry-state", icon("clock"), make("span", "entry-label"));
    const meta = make("div", "meta", state, make("span", "entry-time"), again);
    return make("li", "entry", make("div", "bubbles"), meta);
  }

  /**
   * @param {HTMLElement} card
   * @param {Entry} entry
   */
  #meta(card, entry) {
    const part = (/** @type {string} */ selector) => /** @type {Element} */ (card.querySelector(selector));
    const unsaid = entry.state === "interrupted" && !entry.begun;
    setIcon(part(".entry-state svg"), unsaid ? "unsaid" : ICONS[entry.state]);
    const label = t(labelKey(entry));
    part(".entry-label").textContent = entry.reason ? `${label} – ${entry.reason}` : label;
    const time = entry.at.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const heard = entry.heardMs === null || !entry.begun ? "" : t("entry.heard", { time: formatMs(entry.heardMs) });
    part(".entry-time").textContent = [time, heard].filter(Boolean).join(" · ");
    part(".again span").textContent = t("entry.again");
    part(".again").toggleAttribute("hidden", !repeatable(entry));
  }
}

/**
 * Whether it can be sent once more; the sound of another program cannot.
 * @param {Entry} entry
 */
function repeatable(entry) {
  if (!finished(entry) || entry.state === "misheard" || entry.kind === "live") return false;
  return entry.kind === "file" ? entry.file !== null : entry.text !== "";
}

/**
 * The words for what became of an entry; what was not heard at all was not interrupted either.
 * @param {Entry} entry
 */
function labelKey({ kind, state, begun }) {
  const unsaid = !begun && (state === "failed" || state === "interrupted");
  if (kind === "chat" && unsaid) return "entry.unanswered";
  if (unsaid) return "entry.failed";
  if (state === "failed") return "entry.cut_off";
  if (kind === "chat" && state === "queued") return "entry.thinking";
  return `entry.${state}`;
}
