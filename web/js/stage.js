/** The picture and what is said on top of it: the invitation, the wait, the trouble, the missing sound. */

import { glow } from "./ambient.js";
import { allow, byId, setIcon, withCode } from "./dom.js";
import { has, onLanguage, t } from "./i18n.js";
import { draw } from "./portrait.js";

/** @typedef {import("./link.js").Link} Link */

export class Stage {
  video = /** @type {HTMLVideoElement} */ (byId("video"));
  poster = /** @type {HTMLCanvasElement} */ (byId("poster"));
  #link;
  #countdown = 0;

  /**
   * @param {Link} link
   * @param {() => void} onPicture the first picture of a connection shows
   */
  constructor(link, onPicture) {
    this.#link = link;
    link.addEventListener("state", () => this.#render());
    link.addEventListener("slow", (event) => {
      document.body.toggleAttribute("data-slow", /** @type {CustomEvent<boolean>} */ (event).detail);
    });
    this.video.addEventListener("playing", () => {
      this.#show("live");
      onPicture();
    });
    byId("unmute").addEventListener("click", () => this.mute(false));
    byId("mute").addEventListener("click", () => this.mute(!this.video.muted));
    glow(/** @type {HTMLCanvasElement} */ (byId("glow")), () => this.#visible());
    onLanguage(() => this.#render());
    this.#render();
    this.#showSound();
  }

  /** @param {MediaStream} stream */
  async play(stream) {
    this.video.srcObject = stream;
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      this.video.muted = true; // without a click, browsers play pictures only
      byId("unmute").hidden = false;
      await this.video.play().catch(() => undefined);
    }
    this.#showSound();
  }

  /** @param {boolean} silent */
  mute(silent) {
    this.video.muted = silent;
    byId("unmute").hidden = true;
    this.#showSound();
  }

  /** Keep the last picture on the wall while there is no live one. */
  freeze() {
    const { video } = this;
    if (document.body.dataset.picture === "live" && video.videoWidth) {
      draw(this.poster, video, video.videoWidth, video.videoHeight);
    }
    this.#show("none");
    document.body.removeAttribute("data-slow");
    video.srcObject = null;
  }

  /** @param {"live" | "none"} picture */
  #show(picture) {
    document.body.dataset.picture = picture;
    for (const id of ["pip", "fullscreen"]) allow(byId(id), picture === "live");
  }

  #visible() {
    if (document.body.dataset.picture === "live") return this.video;
    return this.poster.classList.contains("on") ? this.poster : null;
  }

  #showSound() {
    const button = byId("mute");
    const key = this.video.muted ? "control.unmute" : "control.mute";
    setIcon(/** @type {Element} */ (button.firstElementChild), this.video.muted ? "muted" : "sound");
    for (const name of ["aria-label", "title"]) {
      button.setAttribute(`data-t-${name}`, key);
      button.setAttribute(name, t(key));
    }
  }

  #render() {
    const { name, step, problem, retryAt } = this.#link.state;
    clearTimeout(this.#countdown);
    if (name !== "connected") this.freeze();
    byId("problem").hidden = name !== "failed" || !problem;
    byId("wait-text").textContent = problem ? t("wait.again") : t(step === "path" ? "wait.path" : "wait.ask");
    byId("wait-why").textContent = problem ? t(`problem.${problem.code}.title`, problem.values) : "";
    byId("wait-count").textContent = "";
    if (problem && name === "failed") this.#describe(problem);
    if (retryAt !== null) this.#count(retryAt);
    byId("retry-count").hidden = retryAt === null;
  }

  /** @param {import("./diagnose.js").Problem} problem */
  #describe(problem) {
    byId("problem").dataset.code = problem.code;
    byId("problem-title").textContent = t(`problem.${problem.code}.title`, problem.values);
    byId("problem-why").textContent = t(`problem.${problem.code}.why`, problem.values);
    byId("problem-fix").replaceChildren(...withCode(t(`problem.${problem.code}.fix`)));
    const said = String(problem.values.message ?? "");
    byId("problem-said").hidden = !said || !has(`problem.${problem.code}.title`);
    byId("problem-said").textContent = t("problem.said", { message: said });
  }

  /** @param {number} retryAt */
  #count(retryAt) {
    const seconds = Math.max(0, Math.ceil((retryAt - performance.now()) / 1000));
    byId("retry-count").textContent = t("problem.again_in", { seconds });
    byId("wait-count").textContent = seconds > 1 ? t("problem.again_in", { seconds }) : "";
    this.#countdown = setTimeout(() => this.#count(retryAt), 250);
  }
}
