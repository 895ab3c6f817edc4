/** What the server says of itself: its faces, its voices, whether it listens. Asked for until it is known. */

import { callProblem } from "./diagnose.js";
import { delayMs } from "./patience.js";
import { token } from "./preferences.js";
import { sleep } from "./wait.js";

/** Sends "known", and "trouble" (detail: the Problem) each time that it cannot be read. */
export class ServerConfig extends EventTarget {
  /** @type {import("./api.js").Body} */
  value = {};
  #api;
  #known = false;
  /** @type {Promise<import("./diagnose.js").Problem | null> | null} */
  #asking = null;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Ask, and go on asking while the trouble may pass by itself. */
  async find() {
    for (let attempt = 0; !this.#known; attempt += 1) {
      const problem = await this.load();
      const wait = problem && delayMs(problem, attempt, false, true);
      if (wait === null) return;
      await sleep(wait);
    }
  }

  /**
   * Ask once; whoever asks meanwhile gets the same answer.
   * @returns {Promise<import("./diagnose.js").Problem | null>} what is in the way
   */
  load() {
    this.#asking ??= this.#load().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /**
   * The servers that help to connect; credentials for them end, so those are asked for anew.
   * @returns {Promise<RTCIceServer[]>}
   */
  async iceServers() {
    if (!this.#known) await this.load(); // where that fails, the offer meets the same trouble, and explains it
    else if (this.#iceServers.some(({ credential }) => credential)) this.value = await this.#api.config();
    return this.#iceServers;
  }

  /** @returns {RTCIceServer[]} */
  get #iceServers() {
    return Array.isArray(this.value.ice_servers) ? this.value.ice_servers : [];
  }

  async #load() {
    try {
      this.value = await this.#api.config();
    } catch (error) {
      const problem = callProblem(error, { token: token() !== "", online: navigator.onLine, origin: location.origin });
      this.dispatchEvent(new CustomEvent("trouble", { detail: problem }));
      return problem;
    }
    this.#known = true;
    this.dispatchEvent(new Event("known"));
    return null;
  }
}
