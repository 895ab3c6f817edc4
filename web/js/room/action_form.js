/** How an avatar gets another action: a clip is chosen, named and sent, and its making is followed in place. */

import { actionName } from "../action_name.js";
import { Unreachable } from "../api.js";
import { byId, make } from "../dom.js";
import { isolated, t } from "../i18n.js";
import { reason, said } from "../reason.js";
import { isOver } from "./avatar_jobs.js";
import { footageOf, nameOf } from "./footage.js";
import { tooLarge } from "./too_large.js";
import { UploadBar } from "./upload_bar.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** @typedef {import("./avatar_api.js").Avatar} Avatar */

export class ActionForm {
  #api;
  #made;
  #root = byId("act-form");
  #input = /** @type {HTMLInputElement} */ (byId("act-clip"));
  #name = /** @type {HTMLInputElement} */ (byId("act-name"));
  #sound = /** @type {HTMLInputElement} */ (byId("act-sound"));
  #bar = new UploadBar("act-bar", "act-said");
  /** @type {Avatar | null} */
  #avatar = null;
  /** @type {File | null} */
  #file = null;
  /** @type {AbortController | null} */
  #upload = null;
  #offered = false;
  #limit = Infinity;

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {(job: import("./avatar_api.js").Job, name: string) => void} made
   */
  constructor(api, made) {
    this.#api = api;
    this.#made = made;
    byId("act-choose").addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      this.#take(this.#input.files);
      this.#input.value = "";
    });
    this.#name.addEventListener("input", () => this.#check());
    this.#root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    byId("act-back").addEventListener("click", () => this.#leave());
    byId("act-cancel").addEventListener("click", () => this.#upload?.abort(new DOMException("", "AbortError")));
    addEventListener("beforeunload", (event) => this.#upload && event.preventDefault());
  }

  /**
   * @param {boolean} offered whether actions can be added on this server
   * @param {number} limit megabytes of an upload
   */
  offer(offered, limit) {
    this.#offered = offered;
    this.#limit = limit;
  }

  /** A clip is on its way. */
  get busy() {
    return this.#upload !== null;
  }

  /**
   * @param {Avatar} avatar
   * @param {boolean} [same] it only changed
   */
  show(avatar, same = false) {
    this.#avatar = avatar;
    const open = this.#offered && avatar.takes_actions;
    byId("act-add").hidden = !open;
    byId("act-never").hidden = avatar.takes_actions || !this.#offered;
    if (!same) this.#state("empty");
  }

  /** Nobody looks any more. */
  leave() {
    this.#upload?.abort(new DOMException("", "AbortError"));
    this.#avatar = null;
    byId("act-jobs").replaceChildren();
  }

  /** @param {import("./avatar_api.js").Job[]} jobs that add actions to this avatar, as they are shown */
  follow(jobs) {
    const open = jobs.filter((job) => job.state !== "done");
    byId("act-jobs").replaceChildren(...open.map((job) => row(job)));
  }

  /** @param {FileList | null} files */
  #take(files) {
    if (!files?.length) return;
    const found = footageOf(files);
    const clip = typeof found !== "string" && found.kind === "clip" ? found : null;
    if (!clip) return this.#refuse(t("acts.not_clip", { name: isolated(files[0].name) }));
    const large = tooLarge(clip.files, this.#limit);
    if (large) return this.#refuse(large);
    [this.#file] = clip.files;
    byId("act-file").textContent = this.#file.name;
    this.#name.value = slug(nameOf(clip));
    this.#sound.checked = false;
    this.#refuse("");
    this.#state("chosen");
    this.#check();
    this.#root.scrollIntoView({ block: "nearest" });
    if (matchMedia("(hover: hover)").matches) this.#name.focus({ preventScroll: true }); // fingers want no keyboard over it
  }

  #leave() {
    this.#file = null;
    this.#refuse("");
    this.#state("empty");
    byId("act-choose").focus();
  }

  /** Names are part of addresses: what people write is made fit as far as can be. */
  #check() {
    const { value } = this.#name;
    const fit = value.trimStart().replace(/\s+/g, "-");
    if (fit !== value) this.#name.value = fit;
    const taken = this.#avatar?.action_clips.some(({ name }) => name === fit);
    const wrong = !fit || NAME.test(fit) ? (taken ? t("acts.name_taken") : "") : t("acts.name_rule");
    this.#name.setCustomValidity(wrong);
    byId("act-name-wrong").textContent = wrong;
  }

  async #send() {
    if (!this.#file || !this.#avatar || this.#upload) return;
    const name = this.#name.value;
    const form = new FormData();
    form.append("name", name);
    form.append("sound", String(this.#sound.checked));
    form.append("file", this.#file, this.#file.name);
    const upload = (this.#upload = new AbortController());
    this.#refuse("");
    this.#state("sending");
    this.#bar.show(0, 0);
    byId("act-cancel").focus();
    try {
      const job = await this.#api.addAction(this.#avatar.id, form, (sent, all) => this.#bar.show(sent, all), upload.signal);
      this.#sent();
      this.#leave();
      this.#made(job, this.#avatar?.name ?? "");
      byId("act-jobs").scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.#sent();
      this.#state("chosen");
      if (upload.signal.aborted) return byId("act-go").focus();
      this.#refuse(error instanceof Unreachable ? t("make.lost") : reason(error));
    }
  }

  #sent() {
    this.#upload = null;
    this.#bar.stop();
  }

  /** @param {string} why */
  #refuse(why) {
    byId("act-wrong").textContent = why;
  }

  /** @param {"empty" | "chosen" | "sending"} state */
  #state(state) {
    this.#root.dataset.state = state;
    /** @type {HTMLFieldSetElement} */ (byId("act-fields")).disabled = state === "sending";
  }
}

/** How one stands that is being made, or why it was not. @param {import("./avatar_api.js").Job} job */
function row(job) {
  const name = isolated(actionName(job.action));
  const failed = job.state === "failed";
  const bar = make("div", "progress");
  bar.style.setProperty("--share", String(job.progress));
  const words = failed ? t("acts.failed", { name, reason: job.error ? said(`making.failed.${job.step}`, "making.failed.other", job.error) : t("making.forgotten") }) : t("acts.coming", { name });
  return make("li", "act-job", make("p", failed ? "wrong" : "quiet", words), ...(isOver(job) ? [] : [bar]));
}

/** @param {string} name */
function slug(name) {
  return name.toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^[^a-z0-9]+|-+$/g, "");
}
