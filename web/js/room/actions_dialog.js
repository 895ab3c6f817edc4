/** The dialog of an avatar's actions: each can be looked at and removed, more are added, and some happen by themselves. */

import { actionName } from "../action_name.js";
import { byId, icon, make } from "../dom.js";
import { isolated, language, onLanguage, t } from "../i18n.js";
import { reason } from "../reason.js";
import { ActionForm } from "./action_form.js";
import { ActionPlayer } from "./action_player.js";
import { PlanForm } from "./plan_form.js";

/** @typedef {import("./avatar_api.js").Avatar} Avatar */

/** A question that nobody answers is taken back. */
const SURE_MS = 4000;

/** Sends "made" (detail: a Job and its name), and "left" (detail: whose actions these were). */
export class ActionsDialog extends EventTarget {
  #api;
  #reload;
  #dialog = /** @type {HTMLDialogElement} */ (byId("acts-dialog"));
  #player;
  #form;
  #plan;
  /** @type {Avatar | null} */
  #avatar = null;
  #told = "";

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {() => Promise<void>} reload ask for the shelf anew, as far as it can be had
   */
  constructor(api, reload) {
    super();
    this.#api = api;
    this.#reload = reload;
    this.#player = new ActionPlayer(api);
    this.#plan = new PlanForm(api, reload);
    this.#form = new ActionForm(api, (job, name) => this.dispatchEvent(new CustomEvent("made", { detail: { job, name } })));
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#close());
    this.#dialog.addEventListener("cancel", (event) => this.#form.busy && event.preventDefault());
    this.#dialog.addEventListener("close", () => this.#left());
    byId("acts-close").addEventListener("click", () => this.#close());
    onLanguage(() => this.#avatar && this.#render());
  }

  /**
   * @param {boolean} offered whether actions can be added here at all
   * @param {number} limit megabytes of an upload
   */
  offer(offered, limit) {
    this.#form.offer(offered, limit);
  }

  /** @param {Avatar} avatar */
  open(avatar) {
    this.#avatar = avatar;
    this.#form.show(avatar);
    this.#render();
    this.#dialog.showModal();
    byId("acts-title").focus();
  }

  /** The shelf was asked for anew. @param {(id: string) => Avatar | undefined} find */
  refresh(find) {
    const avatar = this.#avatar && find(this.#avatar.id);
    if (!avatar) return;
    this.#avatar = avatar;
    this.#form.show(avatar, true);
    if (JSON.stringify(avatar.action_clips) !== this.#told) this.#render();
  }

  /** What is being added to the avatar that is shown. @param {import("./avatar_api.js").Job[]} jobs */
  follow(jobs) {
    this.#form.follow(jobs.filter(({ avatar, action }) => action && avatar === this.#avatar?.id));
  }

  #close() {
    if (!this.#form.busy) this.#dialog.close();
  }

  #left() {
    this.#player.stop();
    this.#form.leave();
    this.dispatchEvent(new CustomEvent("left", { detail: this.#avatar?.id }));
    this.#avatar = null;
  }

  #render() {
    const avatar = /** @type {Avatar} */ (this.#avatar);
    const { name, action_clips: actions } = avatar;
    this.#told = JSON.stringify(actions);
    this.#player.stop();
    byId("acts-title").textContent = t("acts.title", { name: isolated(name) });
    byId("acts-wrong").textContent = "";
    byId("acts-none").hidden = actions.length > 0;
    byId("acts-list").replaceChildren(...actions.map((action) => this.#row(avatar, action)));
    this.#plan.show(avatar);
  }

  /**
   * @param {Avatar} avatar
   * @param {import("./avatar_api.js").Action} action
   */
  #row(avatar, { name, seconds, sound }) {
    const label = isolated(actionName(name));
    const play = button("act-play", t("acts.play", { name: label }), icon("start"));
    play.addEventListener("click", () => this.#player.play(avatar, name, play));
    const length = t("face.seconds", { seconds: seconds.toLocaleString(language(), { maximumFractionDigits: 1 }) });
    const facts = make("p", "quiet number", sound ? `${length} · ${t("acts.sound")}` : length);
    const what = make("div", "act-what", make("h3", "act-name", actionName(name)), facts);
    return make("li", "act", play, what, this.#removal(name, label));
  }

  /**
   * @param {string} name
   * @param {string} label as people read it
   */
  #removal(name, label) {
    const usual = t("acts.remove", { name: label });
    const one = button("tool wordy act-remove", usual, icon("remove"));
    one.addEventListener("click", () => {
      const states = this.#plan.statesOf(name);
      if (states.length) return this.#fail(t("acts.planned", { name: label }));
      if (one.dataset.sure) return this.#remove(name, label);
      one.dataset.sure = "asked";
      one.replaceChildren(t("recording.sure"));
      one.setAttribute("aria-label", t("recording.sure"));
      setTimeout(() => {
        delete one.dataset.sure;
        one.replaceChildren(icon("remove"));
        one.setAttribute("aria-label", usual);
      }, SURE_MS);
    });
    return one;
  }

  /**
   * @param {string} name
   * @param {string} label
   */
  async #remove(name, label) {
    const { id } = /** @type {Avatar} */ (this.#avatar);
    try {
      await this.#api.removeAction(id, name);
    } catch (error) {
      return this.#fail(t("acts.not_removed", { name: label, reason: reason(error) }));
    }
    byId("said").textContent = t("acts.removed", { name: label });
    byId("acts-title").focus(); // the button is gone with its row
    await this.#reload();
  }

  /** @param {string} why */
  #fail(why) {
    byId("acts-wrong").textContent = why;
    byId("acts-wrong").scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {string} look
 * @param {string} label
 * @param {...Node} children
 */
function button(look, label, ...children) {
  const one = make("button", look, ...children);
  one.setAttribute("type", "button");
  one.setAttribute("aria-label", label);
  one.title = label;
  return one;
}
