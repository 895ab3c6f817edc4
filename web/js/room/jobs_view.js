/** The faces in the making: a card each, with its bar, its step in words, and what is doubted. */

import { actionName } from "../action_name.js";
import { arrange, byId, icon, make } from "../dom.js";
import { has, isolated, language, onLanguage, t } from "../i18n.js";
import { portrait } from "../portrait.js";
import { making } from "../preferences.js";
import { reason, said } from "../reason.js";
import { isOver } from "./avatar_jobs.js";

/** @typedef {import("./avatar_api.js").Job} Job */

/**
 * @typedef {object} JobActions
 * @property {(avatar: string) => string} nameOf "" where it is not on the shelf
 * @property {(avatar: string) => void} talk
 * @property {(avatar: string) => void} preview
 * @property {(avatar: string) => void} acts its actions
 * @property {() => void} choose another file
 * @property {(message: string) => void} tell a short notice
 */

export class JobsView {
  #api;
  #jobs;
  #actions;
  /** @type {Map<string, Card>} by job; kept as they are, so that the keyboard keeps its place */
  #cards = new Map();
  /** @type {Map<string, string>} what was said of each */
  #said = new Map();

  /**
   * @param {import("./avatar_api.js").AvatarApi} api
   * @param {import("./avatar_jobs.js").AvatarJobs} jobs
   * @param {JobActions} actions
   */
  constructor(api, jobs, actions) {
    this.#api = api;
    this.#jobs = jobs;
    this.#actions = actions;
    jobs.addEventListener("change", () => this.render());
    onLanguage(() => {
      this.#cards.clear();
      this.render();
    });
  }

  /** Show how it all stands. */
  render() {
    const { shown, lost } = this.#jobs;
    byId("jobs").hidden = !shown.length;
    byId("jobs-lost").hidden = !lost;
    const focused = document.activeElement;
    const kept = new Map(shown.map((job) => [job.id, this.#cards.get(job.id) ?? this.#card(job)]));
    const leaving = [...this.#cards].some(([id, { root }]) => !kept.has(id) && root.contains(focused));
    this.#cards = kept;
    arrange(
      byId("job-list"),
      [...kept.values()].map(({ root }) => root),
    );
    if (leaving) byId("shelf-title").focus({ preventScroll: true });
    for (const job of shown) this.#update(job, /** @type {Card} */ (kept.get(job.id)));
  }

  /** @param {Job} job */
  #card({ id, avatar }) {
    const parts = {
      face: /** @type {HTMLCanvasElement} */ (make("canvas", "job-face")),
      name: make("h3", "job-name"),
      how: make("p", "job-how"),
      percent: make("span", "job-percent number"),
      bar: make("div", "progress"),
      notes: make("ul", "notes"),
      actions: make("div", "job-actions"),
      away: button("tool", icon("close")),
    };
    parts.bar.setAttribute("role", "progressbar");
    const { face, name, how, percent, bar, notes, actions, away } = parts;
    const line = make("div", "job-line", how, percent);
    const root = make("li", "job", make("div", "job-picture", face), make("div", "job-what", name, line, bar, actions), away, notes);
    away.addEventListener("click", () => this.#away(id));
    return { ...parts, root, state: "", notesShown: 0, avatar };
  }

  /**
   * @param {Job} job
   * @param {Card} card
   */
  #update(job, card) {
    const name = this.#name(job);
    const { bar, percent, how } = card;
    card.root.dataset.state = job.state;
    const fetching = job.step === "fetch" && job.state === "working";
    const share = fetching ? job.share : job.progress;
    write(how, this.#how(job));
    write(card.name, job.state === "done" ? t("making.done", { name }) : job.state === "failed" ? t("making.failed", { name }) : name);
    write(percent, job.state === "working" ? `${Math.floor(share * 100)} %` : "");
    bar.hidden = isOver(job);
    bar.style.setProperty("--share", String(share));
    bar.setAttribute("aria-valuenow", String(Math.floor(share * 100)));
    bar.setAttribute("aria-label", name);
    if (card.state !== job.state) this.#settle(job, card);
    for (const [number, note] of [...job.notes.entries()].slice(card.notesShown)) card.notes.append(this.#note(job.id, number, note));
    card.notesShown = job.notes.length;
    this.#say(job, name);
  }

  /** What can be done changes with the state alone. @param {Job} job @param {Card} card */
  #settle(job, card) {
    const within = card.root.contains(document.activeElement);
    card.state = job.state;
    const over = isOver(job);
    const label = t(over ? "making.dismiss" : "making.cancel");
    card.away.setAttribute("aria-label", label);
    card.away.title = label;
    const { talk, preview, acts, choose } = this.#actions;
    const does = (/** @type {string} */ look, /** @type {string} */ key, /** @type {() => void} */ act) => {
      const one = button(look, t(key));
      one.addEventListener("click", act);
      return one;
    };
    card.actions.replaceChildren();
    if (job.state === "done") {
      portrait(this.#api, job.avatar, card.face);
      card.actions.append(does("primary", "face.talk", () => talk(job.avatar)), does("plain", "face.preview", () => (job.action ? acts : preview)(job.avatar)));
    }
    if (job.state === "failed") card.actions.append(does("plain", "make.other", job.action ? () => acts(job.avatar) : choose));
    if (within && over) (card.actions.querySelector("button") ?? card.away).focus({ preventScroll: true });
  }

  /** @param {Job} job */
  #how(job) {
    if (job.state === "failed") return job.error ? said(`making.failed.${job.step}`, "making.failed.other", job.error) : t("making.forgotten");
    if (job.state === "done") return job.notes.length ? t("making.but") : "";
    if (job.state === "waiting" || !job.step) {
      const before = this.#jobs.before(job);
      return before > 0 ? t("making.waits", { count: before }) : t("making.begins");
    }
    return has(`making.step.${job.step}`) ? t(`making.step.${job.step}`) : job.step;
  }

  /** @param {Job} job */
  #name({ id, avatar, action, name }) {
    const face = isolated(this.#actions.nameOf(avatar) || name || making.name(id) || avatar);
    return action ? t("making.action", { name: face, action: isolated(actionName(action)) }) : face;
  }

  /** For who does not see it, each change once, and no percentages. @param {Job} job @param {string} name */
  #say(job, name) {
    const said = job.state === "done" ? t("making.done", { name }) : job.state === "failed" ? t("making.failed", { name }) : `${name}: ${this.#how(job)}`;
    if (this.#said.get(job.id) === said) return;
    this.#said.set(job.id, said);
    byId("said").textContent = said;
  }

  /** @param {string} id */
  async #away(id) {
    const job = this.#jobs.shown.find((one) => one.id === id);
    if (!job) return;
    if (isOver(job)) return this.#jobs.dismiss(id);
    try {
      await this.#jobs.cancel(id);
    } catch (error) {
      this.#actions.tell(t("making.not_cancelled", { reason: reason(error) }));
    }
  }

  /**
   * @param {string} job
   * @param {number} number
   * @param {import("./avatar_api.js").Note} note
   */
  #note(job, number, { kind, text, picture }) {
    const title = has(`doubt.${kind}`) ? t(`doubt.${kind}`) : t("doubt.other");
    const words = make("p", "note-text", text);
    words.lang = "en"; // the server's words
    const help = language() === "en" ? [] : [make("p", "note-help", t(has(`doubt.help.${kind}`) ? `doubt.help.${kind}` : "doubt.help.other"))];
    const item = make("li", "note", make("div", "note-words", make("h4", "note-title", title), ...help, words));
    if (picture) this.#showPicture(item, job, number);
    return item;
  }

  /**
   * @param {HTMLElement} item
   * @param {string} job
   * @param {number} number
   */
  async #showPicture(item, job, number) {
    const blob = await this.#api.picture(job, number).catch(() => null); // the words say it too
    if (!blob) return;
    const image = /** @type {HTMLImageElement} */ (make("img", "note-picture"));
    image.alt = "";
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.src = URL.createObjectURL(blob);
    item.prepend(image);
  }
}

/**
 * @typedef {object} Card
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} face
 * @property {HTMLElement} name
 * @property {HTMLElement} how
 * @property {HTMLElement} percent
 * @property {HTMLElement} bar
 * @property {HTMLElement} notes
 * @property {HTMLElement} actions
 * @property {HTMLElement} away
 * @property {string} state as shown
 * @property {number} notesShown
 * @property {string} avatar
 */

/**
 * @param {string} look
 * @param {...(Node | string)} children
 */
function button(look, ...children) {
  const one = make("button", look, ...children);
  one.setAttribute("type", "button");
  return one;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
