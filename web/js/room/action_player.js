/** An action's clip, played where its name stands; without a sound, which the server keeps apart from it. */

import { byId, setIcon } from "../dom.js";
import { t } from "../i18n.js";
import { reason } from "../reason.js";

export class ActionPlayer {
  #api;
  #video = /** @type {HTMLVideoElement} */ (byId("acts-video"));
  #box = byId("acts-box");
  #over = new AbortController();
  /** @type {HTMLElement | null} the button of the one that is shown */
  #button = null;

  /** @param {import("./avatar_api.js").AvatarApi} api */
  constructor(api) {
    this.#api = api;
    this.#video.addEventListener("error", () => this.#video.hasAttribute("src") && this.#fail(t("face.unplayable")));
  }

  /**
   * Show one, over and over; the same once more ends it.
   * @param {import("./avatar_api.js").Avatar} avatar
   * @param {string} action
   * @param {HTMLElement} button
   */
  async play(avatar, action, button) {
    const again = button === this.#button;
    this.stop();
    if (again) return;
    this.#button = button;
    this.#over = new AbortController();
    const { signal } = this.#over;
    this.#mark(true);
    this.#box.style.setProperty("--ratio", String(avatar.width / avatar.height || 1));
    button.closest("li")?.append(this.#box);
    this.#box.hidden = false;
    byId("acts-wrong").textContent = "";
    try {
      const address = await this.#api.video(avatar.id, signal, action);
      if (signal.aborted) return URL.revokeObjectURL(address);
      this.#video.src = address;
      await this.#video.play();
      this.#box.scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (!signal.aborted && this.#button) this.#fail(reason(error));
    }
  }

  /** Show none. */
  stop() {
    this.#over.abort();
    this.#mark(false);
    this.#button = null;
    this.#box.hidden = true;
    byId("acts-list").after(this.#box); // or it would go with its row
    URL.revokeObjectURL(this.#video.src);
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** @param {boolean} plays */
  #mark(plays) {
    if (!this.#button) return;
    this.#button.setAttribute("aria-pressed", String(plays));
    setIcon(/** @type {Element} */ (this.#button.firstElementChild), plays ? "pause" : "start");
  }

  /** @param {string} why */
  #fail(why) {
    this.stop();
    byId("acts-wrong").textContent = t("face.not_shown", { reason: why });
  }
}
