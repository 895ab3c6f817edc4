/** The avatars that are being made: known after a reload too, and followed one at a time, as they are made. */

import { ApiError } from "../api.js";
import { eventsOf } from "../events.js";
import { making } from "../preferences.js";
import { sleep } from "../wait.js";

/** @typedef {import("./avatar_api.js").Job} Job */

const RETRY_MS = [500, 1000, 2000, 4000, 8000];
/** Failures of so long ago are not told any more. */
const LATELY_S = 24 * 3600;
const OVER = ["done", "failed", "cancelled"];

/** @param {Job} job */
export const isOver = (job) => OVER.includes(job.state);

/** Sends "change", and "over" (detail: the Job) for each that ends while somebody looks. */
export class AvatarJobs extends EventTarget {
  /** the server does not answer just now */
  lost = false;
  /** @type {Job[]} the latest first */
  #all = [];
  #api;
  #following = false;
  /** @type {Set<string> | null} done before anybody looked; null until somebody did */
  #old = null;

  /** @param {import("./avatar_api.js").AvatarApi} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** What is to be shown: what goes on, what went wrong lately, and what was made meanwhile. */
  get shown() {
    const lately = Date.now() / 1000 - LATELY_S;
    return this.#all.filter((job) => {
      if (!isOver(job)) return true;
      if (job.state === "cancelled" || making.seen(job.id)) return false;
      return job.state === "failed" ? (job.ended ?? 0) > lately : !this.#old?.has(job.id);
    });
  }

  /**
   * How many are made before this one.
   * @param {Job} job
   */
  before(job) {
    const waiting = this.#all.filter((one) => !isOver(one));
    return waiting.length - 1 - waiting.indexOf(job);
  }

  /** Ask the server what there is; it is followed from then on. */
  async load() {
    await this.#reload();
    this.#follow();
  }

  /**
   * One that was just asked for.
   * @param {Job} job
   * @param {string} name
   */
  add(job, name) {
    making.note(job.id, { name });
    this.#take([job, ...this.#all.filter(({ id }) => id !== job.id)]);
    this.#follow();
  }

  /** @param {string} id */
  async cancel(id) {
    this.#change(await this.#api.cancel(id));
  }

  /** It need not be shown any more. @param {string} id */
  dismiss(id) {
    making.note(id, { seen: true });
    this.#tell("change");
  }

  /** Follow what is made, then what is made next: each stream takes one of the browser's few connections. */
  async #follow() {
    if (this.#following) return;
    this.#following = true;
    for (let failures = 0, job; (job = this.#next); ) {
      try {
        const { id } = job;
        for await (const { name, data } of eventsOf(await this.#api.events(id))) {
          if (name === "job") this.#change(/** @type {Job} */ (data));
          failures = 0;
        }
        if (this.#next?.id === id) await this.#wait(failures++);
        await this.#reload();
      } catch (error) {
        if (error instanceof ApiError && [401, 403].includes(error.status)) break;
        if (error instanceof ApiError && error.status === 404) await this.#reload().catch(() => undefined);
        else this.#lose();
        await this.#wait(failures++);
      }
    }
    this.#following = false;
  }

  get #next() {
    const open = this.#all.filter((job) => !isOver(job));
    return open.find(({ state }) => state === "working") ?? open.at(-1);
  }

  /** @param {number} failures */
  #wait(failures) {
    return sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
  }

  #lose() {
    this.lost = true;
    this.#tell("change");
  }

  async #reload() {
    const told = await this.#api.jobs();
    this.#old ??= new Set(told.filter(({ state }) => state === "done").map(({ id }) => id)); // no news, not even for a moment
    const gone = this.#all.filter((job) => !told.some(({ id }) => id === job.id));
    const all = [...gone.map((job) => (isOver(job) ? job : forgotten(job))), ...told];
    this.#take(all.sort((one, other) => other.began - one.began));
  }

  /** @param {Job} changed */
  #change(changed) {
    this.#take(this.#all.map((job) => (job.id === changed.id ? changed : job)));
  }

  /** @param {Job[]} all */
  #take(all) {
    const open = new Set(this.#all.filter((job) => !isOver(job)).map(({ id }) => id));
    this.#all = all;
    this.lost = false;
    this.#tell("change");
    for (const job of all) {
      if (open.has(job.id) && isOver(job)) this.dispatchEvent(new CustomEvent("over", { detail: job }));
    }
  }

  /** @param {string} name */
  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/**
 * A job that the server does not know any more: it was restarted.
 * @param {Job} job
 * @returns {Job}
 */
function forgotten(job) {
  return { ...job, state: "failed", error: "", ended: Date.now() / 1000 };
}
