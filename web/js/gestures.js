/** The avatar's actions: a chip for each over the picture. A press shows one, another ends it; what is seen is marked. */

import { actionName } from "./action_name.js";
import { arrange, byId, icon, make } from "./dom.js";
import { isolated, onLanguage, t } from "./i18n.js";
import { reason } from "./reason.js";

/**
 * @typedef {object} Gesture
 * @property {string} name
 * @property {number} seconds 0 where the server does not tell
 * @property {boolean} sound it has one of its own, and is said
 */

export class Gestures {
  #api;
  #link;
  #shown;
  #tell;
  /** whose actions these are */
  #avatar = "";
  /** @type {Gesture[]} */
  #gestures = [];
  /** @type {HTMLElement[]} */
  #chips = [];
  /** by the server's events, "" for none */
  #seen = "";
  /** pressed, and not seen yet */
  #asked = "";

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   * @param {() => string} shown whom the session shows
   * @param {(message: string) => void} tell a short notice
   */
  constructor(api, link, shown, tell) {
    this.#api = api;
    this.#link = link;
    this.#shown = shown;
    this.#tell = tell;
    link.addEventListener("state", () => this.look());
    link.addEventListener("event", (event) => this.#onEvent(/** @type {CustomEvent} */ (event).detail));
    onLanguage(() => this.#mark());
  }

  /** The session shows somebody else, or nobody any more. */
  async look() {
    const avatar = this.#link.state.name === "connected" ? this.#shown() : "";
    if (avatar === this.#avatar) return;
    this.#avatar = avatar;
    this.#asked = "";
    if (!avatar) this.#seen = "";
    this.#offer([]);
    if (!avatar) return;
    const gestures = await this.#known(avatar);
    if (avatar === this.#avatar) this.#offer(gestures);
  }

  /**
   * @param {string} avatar
   * @returns {Promise<Gesture[]>}
   */
  async #known(avatar) {
    try {
      const { data } = await this.#api.json(`api/avatars/${encodeURIComponent(avatar)}`, {});
      return data?.action_clips ?? (data?.actions ?? []).map((/** @type {string} */ name) => ({ name, seconds: 0, sound: false }));
    } catch {
      return []; // one talks as well without them
    }
  }

  /** @param {Gesture[]} gestures */
  #offer(gestures) {
    this.#gestures = gestures;
    this.#chips = gestures.map((gesture) => this.#chip(gesture));
    arrange(byId("gestures"), this.#chips);
    byId("gestures").hidden = !gestures.length;
    this.#mark();
  }

  /** @param {Gesture} gesture */
  #chip(gesture) {
    const { name, seconds, sound } = gesture;
    const chip = make("button", "gesture", ...(sound ? [icon("sound")] : []), make("span", "", actionName(name)));
    chip.setAttribute("type", "button");
    chip.style.setProperty("--seconds", `${seconds || 2}s`);
    chip.addEventListener("click", () => this.#press(gesture));
    return chip;
  }

  /** @param {Gesture} gesture */
  async #press({ name, sound }) {
    const { sessionid } = this.#link;
    if (!sessionid) return;
    const ends = name === this.#seen || name === this.#asked;
    this.#asked = ends ? "" : name;
    this.#mark();
    try {
      if (ends && sound) await this.#api.interrupt(sessionid);
      else await this.#act(sessionid, this.#asked);
    } catch (error) {
      if (this.#asked === name) this.#asked = "";
      this.#mark();
      this.#tell(t("gesture.failed", { name: isolated(actionName(name)), reason: reason(error) }));
    }
  }

  /**
   * @param {string} sessionid
   * @param {string} action "" ends the one that is seen
   */
  #act(sessionid, action) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ action, loop: false });
    return this.#api.json(`sessions/${encodeURIComponent(sessionid)}/action`, { method: "POST", headers, body });
  }

  /** @param {import("./events.js").ServerEvent} event */
  #onEvent({ name, data }) {
    if (name === "action") {
      this.#seen = String(data.action ?? "");
      if (this.#seen === this.#asked) this.#asked = "";
    } else if (name === "interrupted" && this.#find(this.#asked)?.sound) {
      this.#asked = ""; // it waited for its turn, and has none any more
    } else return;
    this.#mark();
  }

  /** @param {string} name */
  #find(name) {
    return this.#gestures.find((gesture) => gesture.name === name);
  }

  #mark() {
    for (const [place, { name }] of this.#gestures.entries()) {
      const chip = this.#chips[place];
      const seen = name === this.#seen;
      chip.setAttribute("aria-pressed", String(seen));
      chip.setAttribute("aria-busy", String(name === this.#asked));
      chip.title = t(seen ? "gesture.end" : "gesture.show");
    }
  }
}
