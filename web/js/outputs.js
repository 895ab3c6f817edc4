/** Where else a session goes: outputs that the server has by name, switched on and off. */

import { ApiError } from "./api.js";
import { isolated, t } from "./i18n.js";
import { keepSession, releaseSession, sessionFromAddress } from "./preferences.js";
import { reason } from "./reason.js";

/** How often the server is asked how they are: while somebody looks at the list, or at the page without it. */
const AGAIN_MS = { list: 2000, page: 5000 };

/**
 * @typedef {object} Running
 * @property {string} id
 * @property {string} output its name
 * @property {"starting" | "live" | "waiting" | "failed" | "stopped"} state
 * @property {string} detail what is the matter, in the server's words; "" where nothing is
 * @property {number} dropped
 * @property {number} reconnects
 */

/** Sends "change" (any of the fields below) and "news" (detail: a message, something did not go as it should). */
export class Outputs extends EventTarget {
  /** @type {Running[]} what the server carries the session to, also what failed: it is on until it is switched off */
  running = [];
  /** @type {Map<string, "starting" | "stopping">} name -> what the server was asked for and did not answer yet */
  awaited = new Map();
  /** @type {Map<string, string>} name -> why it could not be switched on, the last time */
  refused = new Map();
  #api;
  #link;
  /** @type {"list" | "page" | "nothing"} what of the page is looked at */
  looked = "nothing";
  #offered = false;
  #asked = 0;
  #known = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   */
  constructor(api, link) {
    super();
    this.#api = api;
    this.#link = link;
    link.addEventListener("state", () => {
      this.refused.clear();
      this.refresh();
    });
  }

  /** Whether this server has any. @param {boolean} offered */
  offer(offered) {
    this.#offered = offered;
    this.refresh();
  }

  /** Somebody looks at something else now. @param {Outputs["looked"]} at */
  look(at) {
    if (at === this.looked) return;
    this.looked = at;
    clearTimeout(this.#again);
    if (at !== "nothing") this.refresh();
    this.#tell("change");
  }

  /** Switch one on, or off. @param {string} name */
  async toggle(name) {
    const { sessionid } = this.#link;
    if (!sessionid || this.awaited.has(name)) return;
    const own = this.running.filter(({ output }) => output === name);
    this.awaited.set(name, own.length ? "stopping" : "starting");
    this.refused.delete(name);
    this.#tell("change");
    try {
      if (own.length) await this.#stop(sessionid, own);
      else await this.#start(sessionid, name);
    } catch (error) {
      if (own.length) this.#news("output.not_stopped", name, error);
      else this.refused.set(name, this.#news("output.not_started", name, error));
    }
    await this.refresh();
    this.awaited.delete(name);
    this.#tell("change");
  }

  /** Ask the server how they are. @returns {Promise<void>} */
  async refresh() {
    if (!this.#offered) return;
    const sessionid = this.#session;
    const asked = ++this.#asked;
    const running = sessionid ? await this.#ask(sessionid) : [];
    if (asked < this.#known) return;
    if (sessionid !== this.#session) return this.refresh();
    this.#known = asked;
    if (running) this.#set(running);
    clearTimeout(this.#again);
    const { looked } = this;
    if (looked !== "nothing" && this.running.length) this.#again = setTimeout(() => this.refresh(), AGAIN_MS[looked]);
  }

  /**
   * @param {string} sessionid
   * @returns {Promise<Running[] | null>} null where no telling: the connection tells of its own trouble
   */
  async #ask(sessionid) {
    try {
      return await this.#api.outputs(sessionid);
    } catch (error) {
      return error instanceof ApiError && error.status === 404 ? [] : null; // they ended with their session
    }
  }

  /** The one that is watched, or the one that goes on without this page. */
  get #session() {
    return this.#link.sessionid || sessionFromAddress();
  }

  /**
   * @param {string} sessionid
   * @param {string} name
   */
  async #start(sessionid, name) {
    const { data } = await this.#api.startOutput(sessionid, name);
    if (sessionid !== this.#link.sessionid) return;
    const started = { id: String(data?.id ?? ""), output: name, detail: "", dropped: 0, reconnects: 0 };
    this.#set([...this.running, { ...started, state: "starting" }]);
  }

  /**
   * @param {string} sessionid
   * @param {Running[]} own
   */
  async #stop(sessionid, own) {
    for (const { id } of own) {
      await this.#api.stopOutput(sessionid, id);
      this.#set(this.running.filter((each) => each.id !== id));
    }
  }

  /** @param {Running[]} running */
  #set(running) {
    this.running = running;
    this.#hold();
    this.#tell("change");
  }

  /**
   * What is on keeps its session open, whoever leaves. While something is on, the address names the session:
   * after a lost connection or a reload, the page finds the face again that is seen elsewhere, and its switches.
   */
  #hold() {
    const { sessionid } = this.#link;
    if (!this.running.length) releaseSession();
    else if (sessionid) keepSession(sessionid);
  }

  /**
   * @param {string} key
   * @param {string} name
   * @param {unknown} error
   * @returns {string} why
   */
  #news(key, name, error) {
    const gone = error instanceof ApiError && error.status === 404;
    const why = gone ? t(`${key}_gone`) : reason(error);
    this.dispatchEvent(new CustomEvent("news", { detail: t(key, { output: isolated(name), reason: why }) }));
    return why;
  }

  /** @param {string} name */
  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
