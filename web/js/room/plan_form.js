/** What an avatar does by itself: for each state, which actions, and with which pauses. A change holds as it is made. */

import { actionName } from "../action_name.js";
import { byId, icon, make } from "../dom.js";
import { t } from "../i18n.js";
import { reason } from "../reason.js";

const STATES = ["idle", "listening", "thinking", "speaking"];
/** Seconds, where somebody begins. */
const USUAL = [8, 20];
const LONGEST = 3600;

/** @typedef {import("./avatar_api.js").Plan} Plan */

/**
 * @typedef {object} Row of one state
 * @property {string} state
 * @property {HTMLInputElement[]} boxes one for each action
 * @property {HTMLSelectElement} way
 * @property {[HTMLInputElement, HTMLInputElement]} pauses
 * @property {HTMLElement} when
 */

export class PlanForm {
  #api;
  #kept;
  /** @type {import("./avatar_api.js").Avatar | null} */
  #avatar = null;
  /** @type {Row[]} */
  #rows = [];
  /** one after the other: the last one is the one that holds */
  #saving = Promise.resolve();
  /** @type {Map<string, Plan>} by avatar: what was chosen here, until the shelf knows it too */
  #chosen = new Map();

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {() => Promise<void>} kept the server has it; done when the shelf was asked for anew
   */
  constructor(api, kept) {
    this.#api = api;
    this.#kept = kept;
    byId("plan-form").addEventListener("submit", (event) => event.preventDefault());
    byId("plan-form").addEventListener("change", () => this.#change());
  }

  /** @param {import("./avatar_api.js").Avatar} avatar */
  show(avatar) {
    const { id, action_clips: actions } = avatar;
    const plan = this.#chosen.get(id) ?? avatar.plan;
    this.#avatar = avatar;
    this.#say("");
    const silent = actions.filter(({ sound }) => !sound).map(({ name }) => name);
    byId("plan").hidden = !silent.length;
    this.#rows = STATES.map((state) => row(state, silent, plan[state]));
    byId("plan-rows").replaceChildren(...this.#rows.map((each) => cue(each)));
    this.#fit();
  }

  /** In which states an action is shown. @param {string} action */
  statesOf(action) {
    return Object.entries(this.#plan)
      .filter(([, { actions }]) => actions.includes(action))
      .map(([state]) => state);
  }

  /** @returns {Plan} */
  get #plan() {
    /** @type {Plan} */
    const plan = {};
    for (const { state, boxes, way, pauses } of this.#rows) {
      const actions = boxes.filter(({ checked }) => checked).map(({ value }) => value);
      if (!actions.length) continue;
      const [least, most] = pauses.map(({ valueAsNumber }) => valueAsNumber);
      plan[state] = way.value === "on" ? { actions } : { actions, every_s: [least, most] };
    }
    return plan;
  }

  #change() {
    this.#fit();
    const form = /** @type {HTMLFormElement} */ (byId("plan-form"));
    if (!form.checkValidity()) return this.#say(t("plan.pauses_wrong"), true);
    const [id, plan] = [this.#avatar?.id, this.#plan];
    if (!id) return;
    this.#chosen.set(id, plan);
    this.#saving = this.#saving.then(() => this.#save(id, plan));
  }

  /**
   * @param {string} id of the avatar
   * @param {Plan} plan
   */
  async #save(id, plan) {
    if (this.#chosen.get(id) !== plan) return; // another came since
    try {
      await this.#api.setPlan(id, plan);
      if (id === this.#avatar?.id) this.#say(t("plan.kept"));
      await this.#kept();
    } catch (error) {
      this.#say(t("plan.not_kept", { reason: reason(error) }), true);
    }
    if (this.#chosen.get(id) === plan) this.#chosen.delete(id);
  }

  /** Pauses are asked for where there is something to pause between. */
  #fit() {
    for (const { boxes, way, pauses, when } of this.#rows) {
      const some = boxes.some(({ checked }) => checked);
      when.hidden = !some;
      const paused = some && way.value === "pauses";
      for (const one of pauses) one.disabled = !paused;
      when.toggleAttribute("data-paused", paused);
      const [least, most] = pauses;
      most.setCustomValidity(paused && most.valueAsNumber < least.valueAsNumber ? t("plan.pauses_wrong") : "");
    }
  }

  /**
   * @param {string} words
   * @param {boolean} [wrong]
   */
  #say(words, wrong = false) {
    byId("plan-said").textContent = words;
    byId("plan-said").classList.toggle("wrong", wrong);
  }
}

/**
 * @param {string} state
 * @param {string[]} names
 * @param {import("./avatar_api.js").Cue} [known]
 * @returns {Row}
 */
function row(state, names, known) {
  const boxes = names.map((value) => {
    const box = /** @type {HTMLInputElement} */ (make("input"));
    return Object.assign(box, { type: "checkbox", value, checked: Boolean(known?.actions.includes(value)) });
  });
  const way = /** @type {HTMLSelectElement} */ (make("select"));
  way.append(new Option(t("plan.pauses"), "pauses"), new Option(t("plan.on"), "on"));
  way.value = known && !known.every_s ? "on" : "pauses";
  way.setAttribute("aria-label", t("plan.how", { state: t(`plan.${state}`) }));
  const [least, most] = (known?.every_s ?? USUAL).map(seconds);
  least.setAttribute("aria-label", t("plan.least"));
  most.setAttribute("aria-label", t("plan.most"));
  return { state, boxes, way, pauses: [least, most], when: make("div", "cue-when") };
}

/** @param {Row} row */
function cue({ state, boxes, way, pauses, when }) {
  const legend = make("legend", "cue-state", t(`plan.${state}`));
  const chips = boxes.map((box) => make("label", "cue-action", box, make("span", "", actionName(box.value))));
  const [least, most] = pauses;
  const between = make("span", "cue-pauses", least, make("span", "quiet", "–"), most, make("span", "quiet", t("plan.seconds")));
  when.append(make("span", "select", way, icon("down")), between);
  return make("fieldset", "cue", legend, make("div", "cue-actions", ...chips), when);
}

/** @param {number} value */
function seconds(value) {
  const input = /** @type {HTMLInputElement} */ (make("input"));
  return Object.assign(input, { type: "number", min: 0.1, max: LONGEST, step: "any", required: true, inputMode: "decimal", value });
}
