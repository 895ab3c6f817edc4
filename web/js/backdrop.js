/** What is seen behind a face that was cut out: its own ground, a colour, or one of the server's pictures. */

import { arrange, byId, make } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { choices } from "./preferences.js";
import { reason } from "./reason.js";

/** the first is for programs that key it out */
const COLOURS = ["#00ff00", "#ffffff", "#26221f", "#204080", "#7a3b4e"];
const COLOUR = /^#[0-9a-f]{6}$/i;

export class Backdrop {
  #api;
  #link;
  /** @type {string[]} the server's pictures */
  #pictures = [];
  /** @type {Map<string, Promise<string>>} their thumbnails' addresses */
  #thumbnails = new Map();

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   */
  constructor(api, link) {
    this.#api = api;
    this.#link = link;
    onLanguage(() => this.#render());
  }

  /** @param {unknown} pictures what the server has, by name */
  load(pictures) {
    this.#pictures = Array.isArray(pictures) ? pictures.map(String) : [];
    this.#render();
  }

  /** @param {boolean} cutOut whether anything is seen behind whom the page shows */
  offer(cutOut) {
    byId("background-choice").hidden = !cutOut;
  }

  /** The chosen one, "" for the usual: what the server has no more is not asked for. */
  get chosen() {
    const remembered = choices.get("background") ?? "";
    return COLOUR.test(remembered) || this.#pictures.includes(remembered) ? remembered : "";
  }

  #render() {
    const own = COLOUR.test(this.chosen) && !COLOURS.includes(this.chosen) ? this.chosen : "";
    const cards = [
      this.#swatch("", t("backdrop.own"), "swatch-own"),
      ...COLOURS.map((colour) => this.#swatch(colour, t(`backdrop.${colour.slice(1)}`))),
      this.#mixed(own),
      ...this.#pictures.map((name) => this.#swatch(name, name)),
    ];
    arrange(byId("backgrounds"), cards);
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} look a class
   */
  #swatch(name, label, look = "") {
    const radio = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(radio, { type: "radio", name: "background", value: name, checked: name === this.chosen });
    radio.addEventListener("change", () => this.#choose(name));
    radio.setAttribute("aria-label", label);
    const ground = make("span", `swatch-ground ${look}`.trim());
    if (COLOUR.test(name)) ground.style.backgroundColor = name;
    else if (name) this.#paint(ground, name);
    const card = make("label", "swatch", radio, ground);
    card.title = label;
    return card;
  }

  /** A colour of one's own. @param {string} colour the one that is chosen, "" for none */
  #mixed(colour) {
    const picker = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(picker, { type: "color", value: colour || "#8a7f72" });
    picker.setAttribute("aria-label", t("backdrop.mixed"));
    picker.addEventListener("change", () => {
      this.#choose(picker.value);
      this.#render();
      /** @type {HTMLElement | null} */ (byId("backgrounds").querySelector("input[type=color]"))?.focus();
    });
    const card = make("label", "swatch swatch-mixed", picker, make("span", "swatch-ground"));
    card.classList.toggle("chosen", colour !== "");
    if (colour) /** @type {HTMLElement} */ (card.lastElementChild).style.background = colour;
    card.title = t("backdrop.mixed");
    return card;
  }

  /**
   * @param {HTMLElement} ground
   * @param {string} picture
   */
  async #paint(ground, picture) {
    if (!this.#thumbnails.has(picture)) this.#thumbnails.set(picture, this.#thumbnail(picture));
    const address = await this.#thumbnails.get(picture);
    if (address) ground.style.backgroundImage = `url("${address}")`;
    else this.#thumbnails.delete(picture); // a later try may have a token
  }

  /** @param {string} picture */
  async #thumbnail(picture) {
    const blob = await this.#api.picture(`backgrounds/${encodeURIComponent(picture)}/thumbnail`);
    return blob ? URL.createObjectURL(blob) : "";
  }

  /** @param {string} name */
  async #choose(name) {
    choices.set("background", name || null);
    const mixed = byId("backgrounds").querySelector(".swatch-mixed");
    mixed?.classList.toggle("chosen", COLOUR.test(name) && !COLOURS.includes(name));
    byId("background-news").textContent = "";
    const { sessionid } = this.#link;
    if (!sessionid) return; // it goes along with the offer
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ background: name });
    try {
      await this.#api.json(`sessions/${encodeURIComponent(sessionid)}/background`, { method: "POST", headers, body });
    } catch (error) {
      if (name === this.chosen) byId("background-news").textContent = t("backdrop.failed", { reason: reason(error) });
    }
  }
}
