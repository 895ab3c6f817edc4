/** The casting: who is to talk, with which voice, and the dialog to choose them in. */

import { byId, icon, make } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { choices, sessionFromAddress } from "./preferences.js";
import { portrait } from "./portrait.js";
import { arrangeVoices } from "./voices.js";

/** @typedef {import("./voices.js").Choice} Choice */

/**
 * Choices as the server names them: plain names, or objects with an id.
 * @param {unknown} list
 * @returns {Choice[]}
 */
function readChoices(list) {
  if (!Array.isArray(list)) return [];
  return list
    .map((one) => (typeof one === "string" ? { id: one } : one))
    .filter((one) => one && (one.id ?? one.name))
    .map((one) => ({ id: String(one.id ?? one.name), name: String(one.title ?? one.name ?? one.id) }));
}

/** Who talks, with which voice. */
export class Casting {
  /** @type {Choice[]} */
  #avatars = [];
  /** @type {Choice[]} */
  #voices = [];
  #standard = "";
  /** what the server told last */
  #told = "";
  /** faces can be made here */
  #makes = false;
  /** the dialog has something else to choose */
  #more = false;
  /** @type {Set<string>} behind whom another background can be seen */
  #cutOut = new Set();
  #api;
  #face;
  #backdrop;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./face.js").Face} face
   * @param {import("./backdrop.js").Backdrop} backdrop
   * @param {(message: string) => void} tell a short notice, for when the dialog is closed
   */
  constructor(api, face, backdrop, tell) {
    this.#api = api;
    this.#face = face;
    this.#backdrop = backdrop;
    const dialog = /** @type {HTMLDialogElement} */ (byId("casting-dialog"));
    byId("casting").addEventListener("click", () => {
      this.#mark();
      dialog.showModal();
      if (this.#makes) this.#look();
    });
    byId("voice").addEventListener("change", (event) => {
      choices.set("voice", /** @type {HTMLSelectElement} */ (event.target).value || null);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    face.addEventListener("change", () => (this.#knows(face.shown) ? this.#mark() : this.#render()));
    face.addEventListener("refused", () => dialog.open || tell(this.#news()));
    onLanguage(() => this.#render());
  }

  /** @param {import("./api.js").Body} config */
  load(config) {
    const { avatars, voices, avatar, makes_avatars, backgrounds } = config;
    const told = JSON.stringify([avatars, voices, avatar, makes_avatars, backgrounds]);
    if (told === this.#told) return; // the keyboard keeps its place
    this.#told = told;
    this.#avatars = readChoices(config.avatars);
    this.#voices = readChoices(config.voices);
    this.#standard = String(config.avatar ?? this.#avatars[0]?.id ?? "");
    this.#makes = Boolean(config.makes_avatars);
    this.#cutOut = new Set((Array.isArray(avatars) ? avatars : []).filter((one) => one?.cut_out).map(({ id }) => String(id)));
    this.#backdrop.load(backgrounds);
    this.#render();
  }

  /** See whether faces were made, or deleted, since. */
  async #look() {
    const config = await this.#api.config().catch(() => null); // then those that are known stay
    if (config) this.load(config);
  }

  /** @param {boolean} more whether the dialog has something else to choose than face and voice */
  hasMore(more) {
    this.#more = more;
    this.#render();
  }

  /** Who is shown, or will be in the next session; "" if nobody is named, or the address leads to whom we do not know. */
  get avatar() {
    if (this.#face.shown) return this.#face.shown;
    if (sessionFromAddress() && this.#avatars.length > 1) return "";
    const remembered = choices.get("avatar") ?? "";
    return (this.#knows(remembered) ? remembered : "") || this.#standard;
  }

  /** The chosen voice, "" for the server's choice. */
  get voice() {
    const wanted = choices.get("voice") ?? "";
    return this.#voices.some(({ id }) => id === wanted) ? wanted : "";
  }

  /** What goes along with the offer; the server's own choice goes unnamed. */
  get wish() {
    /** @type {Record<string, string>} */
    const wish = {};
    if (this.avatar && this.avatar !== this.#standard) wish.avatar = this.avatar;
    if (this.voice) wish.voice = this.voice;
    if (this.#backdrop.chosen) wish.background = this.#backdrop.chosen;
    return wish;
  }

  /** @param {string} avatar */
  #knows(avatar) {
    return !avatar || this.#avatars.some(({ id }) => id === avatar);
  }

  #render() {
    const { shown } = this.#face;
    if (!this.#knows(shown)) this.#avatars.push({ id: shown, name: shown }); // newer than the page
    const [faces, voices] = [this.#avatars.length > 1 || this.#makes, this.#voices.length > 1];
    byId("casting").hidden = !faces && !voices && !this.#more && !this.#cutOut.size;
    byId("avatar-choice").hidden = !faces;
    byId("voice-choice").hidden = !voices;
    const title = t(this.#title(faces, voices));
    byId("casting-title").textContent = title;
    byId("voice-label").classList.toggle("unseen", !faces && !this.#more); // the title says it already
    byId("casting").title = title;
    byId("casting").setAttribute("aria-label", title);
    const cards = this.#avatars.map((one) => this.#avatarCard(one));
    byId("avatars").replaceChildren(...cards, ...(this.#makes ? [this.#newCard()] : []));
    this.#mark();
    const { languages, variants } = arrangeVoices(this.#voices.filter(({ id }) => id !== "auto"));
    const group = /** @type {HTMLOptGroupElement} */ (make("optgroup", "", ...options(variants)));
    group.label = t("casting.variants");
    const select = /** @type {HTMLSelectElement} */ (byId("voice"));
    select.replaceChildren(new Option(t("casting.usual_voice"), ""), ...options(languages));
    if (variants.length) select.append(group);
    select.value = this.voice;
  }

  /**
   * @param {boolean} faces there are several
   * @param {boolean} voices there are several
   */
  #title(faces, voices) {
    if (this.#more) return "casting.sound";
    if (faces && voices) return "casting.both";
    return faces ? "casting.avatar" : "casting.voice";
  }

  /** @param {Choice} avatar */
  #avatarCard({ id, name }) {
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", "avatar-face"));
    portrait(this.#api, id, canvas);
    const radio = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(radio, { type: "radio", name: "avatar", value: id });
    radio.addEventListener("change", () => this.#face.choose(id));
    return make("label", "avatar-card", radio, canvas, make("span", "", name));
  }

  /** The way to the room where faces are made; a conversation that goes on keeps its own window. */
  #newCard() {
    const card = /** @type {HTMLAnchorElement} */ (
      make("a", "avatar-card", make("span", "avatar-new", icon("plus")), make("span", "", t("casting.new")))
    );
    card.href = "avatars";
    card.rel = "opener"; // so that the token goes along
    card.addEventListener("click", () => (card.target = this.#face.shown ? "_blank" : ""));
    return card;
  }

  /** Mark who is chosen, and who is still on the way; the cards stay, and with them the keyboard's place. */
  #mark() {
    const { wanted, refused } = this.#face;
    const marked = wanted || this.avatar;
    for (const card of byId("avatars").querySelectorAll("label")) {
      const radio = /** @type {HTMLInputElement} */ (card.querySelector("input"));
      radio.checked = radio.value === marked;
      card.setAttribute("aria-busy", String(radio.value === wanted));
    }
    byId("casting").setAttribute("aria-busy", String(wanted !== ""));
    this.#backdrop.offer(this.#cutOut.has(marked));
    /** @type {HTMLFieldSetElement} */ (byId("avatar-choice")).disabled = this.#face.elsewhere;
    byId("avatar-news").textContent = this.#news();
    byId("avatar-news").classList.toggle("wrong", refused !== null);
  }

  /** What is to be said of the face just now. */
  #news() {
    const { shown, wanted, refused } = this.#face;
    if (wanted) return t("casting.coming", { name: this.#name(wanted) });
    if (refused) return t("casting.refused", { name: this.#name(refused.avatar), reason: refused.reason });
    if (this.#face.elsewhere) return t("casting.elsewhere");
    return shown && t("casting.shown", { name: this.#name(shown) });
  }

  /** @param {string} avatar */
  #name(avatar) {
    return this.#avatars.find(({ id }) => id === avatar)?.name ?? avatar;
  }
}

/** @param {Choice[]} voices */
function options(voices) {
  return voices.map(({ id, name }) => new Option(name, id));
}
