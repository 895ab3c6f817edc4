/** Recordings of this tab's sessions: begun and ended here, kept by the server. */

import { ApiError } from "./api.js";
import { has, t } from "./i18n.js";
import { reason } from "./reason.js";

/**
 * @typedef {object} Film
 * @property {string} id
 * @property {"recording" | "ended" | "failed"} state
 * @property {string} reason why it is over, "" where somebody asked for that
 * @property {string} detail the same in the server's words
 * @property {string} started ISO 8601
 * @property {number} seconds
 * @property {number} bytes
 */

/** The server's refusals that have words of their own. */
const REFUSALS = { 409: "conflict", 503: "disk", 507: "no_room" };

/**
 * Sends "change" (any of the fields below), "done" (the person ended a recording)
 * and "news" (detail: a message, something did not go as it should).
 */
export class Recordings extends EventTarget {
  /** @type {{id: string, since: number} | null} the one that runs; since when, of performance.now() */
  running = null;
  /** @type {Film[]} the latest first */
  films = [];
  /** an answer is awaited */
  busy = false;
  #api;
  #link;
  #kept;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   * @param {{get(): string[], set(ids: string[]): void}} kept ids of the sessions that recorded something
   */
  constructor(api, link, kept) {
    super();
    this.#api = api;
    this.#link = link;
    this.#kept = kept;
    link.addEventListener("state", () => this.#onState());
    link.addEventListener("event", (event) => this.#onEvent(/** @type {CustomEvent} */ (event).detail));
  }

  /** Begin to record, or end it. */
  async toggle() {
    const { sessionid } = this.#link;
    if (this.busy || !sessionid) return;
    const ending = this.running !== null;
    this.#set({ busy: true });
    try {
      const { data } = await this.#api.record(sessionid, ending ? "end_record" : "start_record");
      if (!ending) this.#began(sessionid, String(data?.id ?? ""), 0);
      else this.running = null;
    } catch (error) {
      this.#news(ending ? "recording.not_ended" : "recording.not_started", error);
    }
    this.#set({ busy: false });
    await this.refresh();
    if (ending && !this.running) this.dispatchEvent(new Event("done"));
  }

  /** Ask the server what there is. */
  async refresh() {
    const { sessionid } = this.#link;
    const asked = [...new Set([...this.#kept.get(), sessionid])].filter(Boolean);
    try {
      const lists = await Promise.all(asked.map((id) => this.#api.recordings(id)));
      this.#kept.set(asked.filter((id, place) => lists[place].length || id === sessionid));
      this.films = lists.flat().reverse();
      const own = lists[asked.indexOf(sessionid)] ?? [];
      const running = own.find(({ state }) => state === "recording");
      if (sessionid && sessionid === this.#link.sessionid) {
        if (running) this.#began(sessionid, running.id, running.seconds);
        else if (!this.busy) this.running = null;
      }
    } catch {
      return; // the connection tells of its own trouble, and this is asked again
    }
    this.#set({});
  }

  /** @param {string} id */
  async download(id) {
    try {
      const address = new URL(await this.#api.recordingLink(id), document.baseURI);
      const link = document.createElement("a"); // the browser streams it to disk; a blob would fill the memory
      Object.assign(link, { href: address.href, download: "" });
      link.click();
    } catch (error) {
      this.#news("recording.not_fetched", error);
    }
  }

  /** @param {string} id */
  async remove(id) {
    try {
      await this.#api.removeRecording(id);
    } catch (error) {
      this.#news("recording.not_removed", error);
    }
    await this.refresh();
  }

  /**
   * @param {string} sessionid
   * @param {string} id
   * @param {number} seconds that it has run
   */
  #began(sessionid, id, seconds) {
    if (this.running?.id !== id) this.running = { id, since: performance.now() - seconds * 1000 };
    if (!this.#kept.get().includes(sessionid)) this.#kept.set([...this.#kept.get(), sessionid]);
  }

  #onState() {
    const { name } = this.#link.state;
    if (name === "connected" || name === "idle") this.refresh();
    if (name !== "connected" && this.running) this.#set({ running: null }); // it ends with its session
  }

  /** @param {import("./events.js").ServerEvent} event */
  #onEvent({ name, data }) {
    if (name !== "recording") return;
    if (data.state === "recording") this.#began(this.#link.sessionid, String(data.id), 0);
    else if (this.running?.id === data.id) this.running = null;
    this.#set({});
    if (data.state === "recording") return;
    this.refresh();
    if (data.reason) this.#tell(t("recording.over", { reason: because(String(data.reason), String(data.detail)) }));
  }

  /**
   * @param {string} key
   * @param {unknown} error
   */
  #news(key, error) {
    const word = error instanceof ApiError ? /** @type {Record<number, string>} */ (REFUSALS)[error.status] : undefined;
    this.#tell(t(key, { reason: word ? because(word, reason(error)) : reason(error) }));
  }

  /** @param {string} message */
  #tell(message) {
    this.dispatchEvent(new CustomEvent("news", { detail: message }));
  }

  /** @param {Partial<Pick<Recordings, "busy" | "running">>} change */
  #set(change) {
    Object.assign(this, change);
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Why a recording is over, in the page's language; what we have no words for stays as the server says it.
 * @param {string} word
 * @param {string} said
 */
export function because(word, said) {
  const key = `recording.because.${word}`;
  return has(key) ? t(key) : said;
}
