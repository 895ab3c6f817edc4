/** The dialog in which a face is looked at: its body's video, over and over. */

import { byId, calm } from "../dom.js";
import { t } from "../i18n.js";
import { reason } from "../reason.js";

export class Preview {
  #api;
  #dialog = /** @type {HTMLDialogElement} */ (byId("preview-dialog"));
  #video = /** @type {HTMLVideoElement} */ (byId("preview-video"));
  #closed = new AbortController();
  /** @type {import("./avatar_api.js").Avatar | null} */
  #avatar = null;

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {(avatar: import("./avatar_api.js").Avatar) => void} talk
   */
  constructor(api, talk) {
    this.#api = api;
    const { classList } = this.#dialog;
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#clear());
    this.#video.addEventListener("loadeddata", () => classList.remove("loading"));
    this.#video.addEventListener("error", () => this.#video.hasAttribute("src") && this.#fail(t("face.unplayable")));
    byId("preview-talk").addEventListener("click", () => this.#avatar && talk(this.#avatar));
  }

  /** @param {import("./avatar_api.js").Avatar} avatar */
  async open(avatar) {
    this.#avatar = avatar;
    this.#closed = new AbortController();
    byId("preview-title").textContent = avatar.name;
    byId("preview-wrong").textContent = "";
    byId("preview-talk").hidden = !avatar.usable;
    this.#dialog.classList.add("loading");
    const { width, height } = avatar;
    byId("preview-box").style.setProperty("--ratio", String(width / height || 1));
    this.#dialog.showModal();
    const { signal } = this.#closed;
    try {
      const address = await this.#api.video(avatar.id, signal);
      if (signal.aborted) return URL.revokeObjectURL(address);
      this.#video.autoplay = !calm();
      this.#video.src = address;
    } catch (error) {
      if (!signal.aborted) this.#fail(reason(error));
    }
  }

  /** @param {string} why */
  #fail(why) {
    this.#dialog.classList.remove("loading");
    byId("preview-wrong").textContent = t("face.not_shown", { reason: why });
  }

  #clear() {
    this.#closed.abort();
    URL.revokeObjectURL(this.#video.src);
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
