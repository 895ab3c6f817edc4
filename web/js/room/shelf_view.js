/** The faces that there are: looked at, talked with, renamed in place, deleted after a question. */

import { arrange, byId, icon, make } from "../dom.js";
import { count, isolated, language, onLanguage, t } from "../i18n.js";
import { forgetPortrait, portrait } from "../portrait.js";
import { reason } from "../reason.js";
import { NameEditor } from "./name_editor.js";

/** @typedef {import("./avatar_api.js").Avatar} Avatar */

/**
 * @typedef {object} ShelfActions
 * @property {(avatar: Avatar) => void} talk
 * @property {(avatar: Avatar) => void} preview
 * @property {(avatar: Avatar) => void} acts its actions
 * @property {(message: string) => void} tell a short notice
 */

export class ShelfView {
  #api;
  #actions;
  /** @type {Avatar[]} */
  #avatars = [];
  /** @type {Map<string, {card: HTMLElement, told: string}>} by id; kept as long as nothing changed */
  #cards = new Map();
  /** the server told once */
  known = false;
  /** how often it was asked, and the last of those that it answered */
  #loads = { asked: 0, answered: 0 };
  /** @type {Avatar | null} who is asked about */
  #asked = null;

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {ShelfActions} actions
   */
  constructor(api, actions) {
    this.#api = api;
    this.#actions = actions;
    const dialog = /** @type {HTMLDialogElement} */ (byId("delete-dialog"));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    byId("delete-no").addEventListener("click", () => dialog.close());
    byId("delete-yes").addEventListener("click", () => this.#remove());
    onLanguage(() => {
      this.#cards.clear();
      this.#render();
    });
  }

  /** Ask the server what there is. */
  async load() {
    const load = ++this.#loads.asked;
    const avatars = await this.#api.avatars();
    if (load < this.#loads.answered) return; // a later one was quicker
    this.#loads.answered = load;
    this.#avatars = order(avatars);
    this.known = true;
    this.#render();
  }

  /** @param {string} id @returns {Avatar | undefined} */
  find(id) {
    return this.#avatars.find((avatar) => avatar.id === id);
  }

  #render() {
    byId("shelf").hidden = !this.#avatars.length;
    byId("shelf-count").textContent = count(this.#avatars.length);
    byId("shelf-none").hidden = this.#avatars.some((avatar) => !avatar.default);
    const kept = new Map(
      this.#avatars.map((avatar) => {
        const told = JSON.stringify(avatar);
        const before = this.#cards.get(avatar.id);
        return [avatar.id, before?.told === told ? before : { told, card: this.#card(avatar) }];
      }),
    );
    const held = [...this.#cards].find(([, { card }]) => card.contains(document.activeElement));
    const place = held && document.activeElement?.classList.item(document.activeElement.classList.length - 1);
    this.#cards = kept;
    arrange(
      byId("faces"),
      [...kept.values()].map(({ card }) => card),
    );
    if (held && place && !held[1].card.isConnected) this.focus(held[0], place);
  }

  /**
   * The keyboard goes on at a card, or at what is the same in the card that took its place.
   * @param {string} id of the avatar
   * @param {string} look
   */
  focus(id, look) {
    /** @type {HTMLElement | null | undefined} */ (this.#cards.get(id)?.card.querySelector(`.${look}`))?.focus();
  }

  /** @param {Avatar} avatar */
  #card(avatar) {
    const { id, name } = avatar;
    const label = isolated(name);
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", "avatar-face"));
    portrait(this.#api, id, canvas);
    const look = press("face-look", t("face.preview_of", { name: label }), canvas, make("span", "face-play", icon("start")));
    look.addEventListener("click", () => this.#actions.preview(avatar));
    const shown = make("h3", "face-name", name);
    shown.title = name;
    const facts = make("p", "quiet number", `${avatar.width} × ${avatar.height} · ${seconds(avatar.seconds)}`);
    const talk = press("plain face-talk", t("face.talk_with", { name: label }), t("face.talk_short"));
    talk.addEventListener("click", () => this.#actions.talk(avatar));
    const rename = press("tool face-rename", t("face.rename", { name: label }), icon("pencil"));
    const card = make("li", "face", look, shown, facts, ...this.#acts(avatar));
    card.dataset.id = id;
    if (avatar.default) look.append(make("span", "face-mark", t("face.default")));
    card.append(avatar.usable ? make("div", "face-row", talk, rename, this.#removal(avatar)) : this.#unfit(avatar, rename));
    rename.addEventListener("click", () => this.#rename(avatar, shown, rename));
    return card;
  }

  /** The way to its actions, where it has some or can get some. @param {Avatar} avatar */
  #acts(avatar) {
    const count = avatar.action_clips?.length ?? 0;
    if (!count && !avatar.takes_actions) return [];
    const words = count ? t("acts.count", { count }) : t("acts.add_first");
    const button = press("face-acts", t("acts.title", { name: isolated(avatar.name) }), icon("gesture"), make("span", "", words));
    button.addEventListener("click", () => this.#actions.acts(avatar));
    return [button];
  }

  /**
   * @param {Avatar} avatar
   * @param {HTMLElement} rename
   */
  #unfit(avatar, rename) {
    return make("div", "face-row", make("p", "quiet face-unfit", t("face.unfit")), rename, this.#removal(avatar));
  }

  /** @param {Avatar} avatar */
  #removal(avatar) {
    const label = isolated(avatar.name);
    const key = avatar.default ? "face.kept" : "face.remove";
    const button = press("tool face-remove", t(key, { name: label }), icon("remove"));
    button.setAttribute("aria-disabled", String(avatar.default));
    button.addEventListener("click", () => {
      if (avatar.default) return this.#actions.tell(t("face.kept", { name: label }));
      this.#asked = avatar;
      byId("delete-title").textContent = t("face.sure", { name: label });
      const canvas = /** @type {HTMLCanvasElement} */ (byId("delete-face"));
      portrait(this.#api, avatar.id, canvas);
      byId("delete-wrong").textContent = "";
      /** @type {HTMLDialogElement} */ (byId("delete-dialog")).showModal();
      byId("delete-no").focus();
    });
    return button;
  }

  async #remove() {
    if (!this.#asked) return;
    const { id, name } = this.#asked;
    try {
      await this.#api.remove(id);
      forgetPortrait(id);
      const place = this.#avatars.findIndex((avatar) => avatar.id === id);
      await this.load();
      /** @type {HTMLDialogElement} */ (byId("delete-dialog")).close();
      this.#actions.tell(t("face.removed", { name: isolated(name) }));
      this.#goOn(place);
    } catch (error) {
      byId("delete-wrong").textContent = t("face.not_removed", { reason: reason(error) });
    }
  }

  /** The keyboard's place is gone with the card: go on with the one that stands there now. @param {number} place */
  #goOn(place) {
    const next = this.#avatars[Math.min(place, this.#avatars.length - 1)];
    /** @type {HTMLElement | undefined} */ (next && this.#cards.get(next.id)?.card.querySelector("button"))?.focus();
  }

  /**
   * @param {Avatar} avatar
   * @param {HTMLElement} shown
   * @param {HTMLElement} opener
   */
  #rename(avatar, shown, opener) {
    new NameEditor(shown, opener, avatar.name, async (name) => {
      const renamed = await this.#api.rename(avatar.id, name);
      this.#avatars = order(this.#avatars.map((one) => (one.id === avatar.id ? { ...one, ...renamed } : one)));
      this.#render();
      if (document.activeElement !== document.body) return; // the person went on elsewhere
      this.focus(avatar.id, "face-rename");
    });
  }
}

/**
 * The one that sessions begin with, then by name.
 * @param {Avatar[]} avatars
 */
function order(avatars) {
  const byName = new Intl.Collator(language(), { numeric: true });
  return avatars.sort((one, other) => Number(other.default) - Number(one.default) || byName.compare(one.name, other.name));
}

/**
 * @param {string} look
 * @param {string} label
 * @param {...(Node | string)} children
 */
function press(look, label, ...children) {
  const button = make("button", look, ...children);
  button.setAttribute("type", "button");
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
}

/** @param {number} length */
function seconds(length) {
  return t("face.seconds", { seconds: length.toLocaleString(language(), { maximumFractionDigits: 1 }) });
}
