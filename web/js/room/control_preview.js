/** What MuseTalk's controls change, drawn by the server on the part's first picture, anew after each change. */

import { ApiError } from "../api.js";
import { byId } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { reason } from "../reason.js";
import { frameOf } from "./frame.js";

/** Who turns a number on is let finish. */
const SETTLE_MS = 350;
/** What takes longer is the first one, for which something is fetched. */
const LONG_MS = 5000;

/**
 * @typedef {object} Looked what is looked at
 * @property {File} file
 * @property {boolean} clip
 * @property {number} second where the part begins
 */

export class ControlPreview {
  #api;
  #looked;
  #recipe;
  #section = /** @type {HTMLDetailsElement} */ (byId("more-musetalk"));
  #root = byId("control-preview");
  #image = /** @type {HTMLImageElement} */ (byId("control-picture"));
  #timer = 0;
  #asked = new AbortController();
  /** @type {(Looked & {picture: Promise<Blob>}) | null} the picture that was taken last */
  #taken = null;

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {() => Looked | null} looked
   * @param {() => Record<string, any>} recipe
   */
  constructor(api, looked, recipe) {
    this.#api = api;
    this.#looked = looked;
    this.#recipe = recipe;
    this.#section.addEventListener("toggle", () => this.ask());
    byId("more").addEventListener("toggle", () => this.ask());
    byId("more-fields").addEventListener("input", () => this.ask());
    byId("more-usual").addEventListener("click", () => this.ask());
    onLanguage(() => this.ask());
  }

  /** Something changed: draw it anew, as long as somebody looks. */
  ask() {
    clearTimeout(this.#timer);
    this.#asked.abort();
    const open = this.#section.open && /** @type {HTMLDetailsElement} */ (byId("more")).open;
    if (!open || !this.#looked() || byId("more-fields").querySelector(":invalid")) return;
    this.#timer = setTimeout(() => this.#draw(), SETTLE_MS);
  }

  /** There is nothing to be looked at any more. */
  clear() {
    clearTimeout(this.#timer);
    this.#asked.abort();
    this.#taken = null;
    this.#root.hidden = true;
    URL.revokeObjectURL(this.#image.src);
    this.#image.removeAttribute("src");
  }

  async #draw() {
    const looked = this.#looked();
    if (!looked) return;
    const { signal } = (this.#asked = new AbortController());
    this.#show("drawing", t("control_preview.drawing"));
    this.#timer = setTimeout(() => this.#show("drawing", t("control_preview.long")), LONG_MS);
    const picture = await this.#picture(looked).catch(() => null);
    if (signal.aborted) return;
    if (!picture) return this.#fail(t("make.unseen"));
    try {
      const form = new FormData();
      form.append("source", picture);
      form.append("options", JSON.stringify(this.#recipe()));
      const drawing = await this.#api.controlPreview(form, signal);
      this.#shown(URL.createObjectURL(drawing));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && [404, 405].includes(error.status)) return this.clear(); // an older server
      this.#fail(reason(error));
    }
  }

  /** @param {Looked} looked */
  #picture({ file, clip, second }) {
    const known = this.#taken;
    if (known?.file === file && known.second === second) return known.picture;
    this.#taken = { file, clip, second, picture: frameOf(file, clip, second) };
    return this.#taken.picture;
  }

  /** @param {string} address */
  #shown(address) {
    URL.revokeObjectURL(this.#image.src);
    this.#image.src = address;
    this.#show("shown", t("control_preview.about"));
  }

  /** @param {string} why */
  #fail(why) {
    this.#show("failed", t("control_preview.failed", { reason: why }));
  }

  /**
   * @param {"drawing" | "shown" | "failed"} state
   * @param {string} words
   */
  #show(state, words) {
    clearTimeout(this.#timer);
    this.#root.hidden = false;
    this.#root.dataset.state = state;
    byId("control-said").textContent = words;
  }
}
