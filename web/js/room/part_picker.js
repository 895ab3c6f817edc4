/** The preview of what was chosen, and of a clip the part that is taken: two handles, or numbers. */

import { byId, calm, setIcon } from "../dom.js";
import { onLanguage, t } from "../i18n.js";

const USUAL_S = 20;
const LONGEST_S = 120;
const SHORTEST_S = 1;

/** Sends "change" when another part is chosen. */
export class PartPicker extends EventTarget {
  #video = /** @type {HTMLVideoElement} */ (byId("take-video"));
  #photo = /** @type {HTMLImageElement} */ (byId("take-photo"));
  #begin = /** @type {HTMLInputElement} */ (byId("part-begin"));
  #end = /** @type {HTMLInputElement} */ (byId("part-end"));
  #from = /** @type {HTMLInputElement} */ (byId("part-from"));
  #seconds = /** @type {HTMLInputElement} */ (byId("part-seconds"));
  /** @type {import("./footage.js").Footage | null} */
  #footage = null;
  /** of a clip, seconds; 0 where the browser cannot tell */
  #duration = 0;

  constructor() {
    super();
    const video = this.#video;
    this.#begin.addEventListener("input", () => this.#move("begin"));
    this.#end.addEventListener("input", () => this.#move("end"));
    video.addEventListener("loadedmetadata", () => {
      shape(video.videoWidth, video.videoHeight);
      this.#onKnown();
    });
    this.#photo.addEventListener("load", () => shape(this.#photo.naturalWidth, this.#photo.naturalHeight));
    video.addEventListener("error", () => this.#onUnknown());
    video.addEventListener("timeupdate", () => this.#stayWithin());
    video.addEventListener("ended", () => this.#again());
    for (const event of ["play", "pause"]) video.addEventListener(event, () => this.#showPlaying());
    byId("take-play").addEventListener("click", () => (video.paused ? this.#play() : video.pause()));
    this.#photo.addEventListener("error", () => this.#onUnknown());
    onLanguage(() => {
      this.#showPart();
      this.#showPlaying();
    });
  }

  /** Show it; null for nothing. @param {import("./footage.js").Footage | null} footage */
  show(footage) {
    for (const one of [this.#video, this.#photo]) {
      URL.revokeObjectURL(one.src);
      one.removeAttribute("src");
    }
    this.#video.load();
    shape(4, 3);
    this.#footage = footage;
    this.#duration = 0;
    this.#from.value = "0";
    this.#seconds.value = String(USUAL_S);
    const clip = footage?.kind === "clip";
    this.#video.hidden = !clip;
    this.#photo.hidden = clip;
    for (const id of ["part", "part-numbers", "take-unseen", "take-play"]) byId(id).hidden = true;
    if (!footage) return;
    (clip ? this.#video : this.#photo).src = URL.createObjectURL(footage.files[0]);
    byId("take-count").hidden = footage.kind !== "photos";
    byId("take-count").textContent = t("make.photos", { count: footage.files.length });
  }

  /** Nothing moves while it is on its way. */
  pause() {
    this.#video.pause();
  }

  /** What of a recipe is chosen here. @returns {{start_s?: number, seconds?: number}} */
  get recipe() {
    if (this.#footage?.kind !== "clip") return {};
    if (this.#duration) return { start_s: this.#at.begin, seconds: tenths(this.#at.end - this.#at.begin) };
    return { start_s: this.#from.valueAsNumber || 0, seconds: this.#seconds.valueAsNumber || USUAL_S };
  }

  /** What is looked at, and where its part begins. @returns {import("./control_preview.js").Looked | null} */
  get looked() {
    if (!this.#footage) return null;
    return { file: this.#footage.files[0], clip: this.#footage.kind === "clip", second: this.recipe.start_s ?? 0 };
  }

  get #at() {
    return { begin: this.#begin.valueAsNumber, end: this.#end.valueAsNumber };
  }

  #onKnown() {
    const { duration } = this.#video;
    if (!Number.isFinite(duration) || duration <= 0) return this.#onUnknown(false);
    this.#duration = duration;
    const most = String(Math.ceil(duration * 10) / 10);
    for (const handle of [this.#begin, this.#end]) handle.max = most;
    this.#begin.value = "0";
    this.#end.value = String(Math.min(duration, USUAL_S));
    byId("part").hidden = false;
    byId("take-play").hidden = false;
    this.#showPart();
    if (!calm()) this.#play();
  }

  /** The browser cannot read it; the server may. @param {boolean} [unseen] not even its pictures */
  #onUnknown(unseen = true) {
    if (!this.#footage) return;
    byId("take-unseen").hidden = !unseen;
    if (unseen) for (const one of [this.#video, this.#photo]) one.hidden = true;
    byId("part-numbers").hidden = this.#footage.kind !== "clip";
  }

  /** Keep the two apart, and not too far. @param {"begin" | "end"} which was moved */
  #move(which) {
    let { begin, end } = this.#at;
    const least = Math.min(SHORTEST_S, this.#duration);
    if (which === "begin") {
      begin = Math.min(begin, this.#duration - least);
      end = Math.min(Math.max(end, begin + least), begin + LONGEST_S);
    } else {
      end = Math.max(end, least);
      begin = Math.max(Math.min(begin, end - least), end - LONGEST_S);
    }
    this.#begin.value = String(begin);
    this.#end.value = String(end);
    this.#video.pause();
    this.#video.currentTime = which === "begin" ? begin : Math.max(begin, end - 0.05);
    this.#showPart();
    this.dispatchEvent(new Event("change"));
  }

  #play() {
    const { begin, end } = this.#at;
    const now = this.#video.currentTime;
    if (now < begin || now >= end - 0.1) this.#video.currentTime = begin;
    this.#video.play().catch(() => undefined); // paused again before it began
  }

  #stayWithin() {
    if (!this.#video.paused && this.#video.currentTime >= this.#at.end) this.#again();
  }

  #again() {
    this.#video.currentTime = this.#at.begin;
    this.#video.play().catch(() => undefined);
  }

  #showPart() {
    if (!this.#duration) return;
    const { begin, end } = this.#at;
    const track = byId("part-track");
    track.style.setProperty("--begin", String(begin / this.#duration));
    track.style.setProperty("--end", String(end / this.#duration));
    this.#begin.setAttribute("aria-valuetext", t("make.second", { second: begin.toFixed(1) }));
    this.#end.setAttribute("aria-valuetext", t("make.second", { second: end.toFixed(1) }));
    byId("part-said").textContent = t("make.part_said", { begin: clock(begin), end: clock(end), seconds: (end - begin).toFixed(1) });
  }

  #showPlaying() {
    const button = byId("take-play");
    const label = t(this.#video.paused ? "make.play" : "make.pause");
    setIcon(/** @type {Element} */ (button.firstElementChild), this.#video.paused ? "start" : "pause");
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

/**
 * Give the preview its footage's shape, within reason.
 * @param {number} width
 * @param {number} height
 */
function shape(width, height) {
  const ratio = width && height ? width / height : 1;
  byId("take-box").style.setProperty("--ratio", String(Math.min(2, Math.max(0.5, ratio))));
}

/** @param {number} seconds */
function tenths(seconds) {
  return Math.max(0.1, Math.round(seconds * 10) / 10);
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${Math.floor((seconds % 1) * 10)}`;
}
