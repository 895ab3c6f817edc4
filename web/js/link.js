/** The way to the server: connects, notices when it breaks, and connects again with growing patience. */

import { ApiError } from "./api.js";
import { browserProblem, callProblem, inspectBrowser, pictureHealth, Problem } from "./diagnose.js";
import { followEvents } from "./events.js";
import { delayMs } from "./patience.js";
import { Peer } from "./peer.js";
import { sample } from "./stats.js";
import { sleep } from "./wait.js";

/** How long to wait for the event stream; speech works without it, captions do not. */
const EVENTS_MS = 1000;
/** No events and no picture for so long: the server is gone. */
const DEAF_AND_STILL_MS = 1200;

/**
 * @typedef {object} LinkState
 * @property {"idle" | "connecting" | "connected" | "failed"} name
 * @property {"ask" | "path" | ""} step while connecting: asking the server, or looking for a network path
 * @property {Problem | null} problem
 * @property {number | null} retryAt performance.now() of the next attempt
 */

/**
 * Sends "state" (detail LinkState), "stream" (MediaStream), "event" (ServerEvent), "sample" (Sample)
 * and "slow" (boolean: the picture stands still for the moment).
 */
export class Link extends EventTarget {
  /** @type {LinkState} */
  state = { name: "idle", step: "", problem: null, retryAt: null };
  /** @type {Peer | null} */
  peer = null;
  #api;
  #facts;
  #stop = new AbortController();
  #hurry = new AbortController();
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** the event stream is broken */
  #deaf = false;

  /**
   * @param {import("./api.js").Api} api
   * @param {() => {iceServers: () => Promise<RTCIceServer[]>, wish: Record<string, string>, session: string,
   *   token: boolean, tireless: boolean, hears: boolean}} facts asked anew before every attempt; `session` is one to
   *   watch, "" to begin one; `hears` says that the server listens to microphones
   */
  constructor(api, facts) {
    super();
    this.#api = api;
    this.#facts = facts;
    addEventListener("online", () => this.retryNow());
  }

  get sessionid() {
    return this.state.name === "connected" ? (this.peer?.sessionid ?? "") : "";
  }

  start() {
    this.#leave();
    this.#stop = new AbortController();
    this.#run(this.#stop.signal);
  }

  stop() {
    this.#leave();
    this.#set({ name: "idle" });
  }

  #leave() {
    this.#stop.abort();
    this.peer?.close();
    this.peer = null;
  }

  /** Do not sit out the wait before the next attempt. */
  retryNow() {
    this.#hurry.abort();
  }

  /** Send a microphone's sound from now on, over the next connection too; null for none. @param {MediaStreamTrack | null} track */
  speak(track) {
    this.#track = track;
    return this.peer?.speak(track);
  }

  /** @param {AbortSignal} stop */
  async #run(stop) {
    let attempt = 0;
    let worked = false;
    while (!stop.aborted) {
      this.#set({ name: "connecting", step: "ask", problem: worked ? this.state.problem : null });
      const problem = await this.#attempt(stop, () => {
        worked = true;
        attempt = 0;
      });
      if (stop.aborted) return;
      this.peer?.close();
      const wait = delayMs(problem, attempt, worked, this.#facts().tireless);
      attempt += 1;
      if (wait === null) return this.#set({ name: "failed", problem });
      this.#set({ name: worked ? "connecting" : "failed", problem, retryAt: performance.now() + wait });
      this.#hurry = new AbortController();
      await sleep(wait, stop, this.#hurry.signal);
    }
  }

  /**
   * Connect and stay; says in the end what was the matter.
   * @param {AbortSignal} stop
   * @param {() => void} onConnected
   * @returns {Promise<Problem>}
   */
  async #attempt(stop, onConnected) {
    const over = new AbortController(); // ends what this attempt started
    stop.addEventListener("abort", () => over.abort(), { signal: over.signal });
    try {
      const lacking = browserProblem(inspectBrowser());
      if (lacking) throw lacking;
      const iceServers = await this.#facts().iceServers();
      if (stop.aborted) return new Problem("dropped");
      const peer = new Peer(iceServers);
      this.peer = peer;
      const offer = await peer.offer(stop, this.#facts().hears);
      const answer = await this.#call(offer, stop);
      const events = this.#listen(answer.sessionid, over.signal);
      await peer.accept(answer, stop);
      await peer.speak(this.#track);
      await Promise.race([events.opened, sleep(EVENTS_MS, stop)]); // or the first words would be missed
      if (stop.aborted) return new Problem("dropped");
      onConnected();
      this.#tell("stream", peer.stream);
      this.#set({ name: "connected" });
      const lost = peer.lost(over.signal).then(() => new Problem(navigator.onLine ? "dropped" : "offline"));
      return await Promise.race([events.ended, lost, this.#watch(peer, over.signal)]);
    } catch (error) {
      return callProblem(error, this.#here());
    } finally {
      over.abort();
    }
  }

  /**
   * @param {RTCSessionDescription} offer
   * @param {AbortSignal} stop
   */
  async #call(offer, stop) {
    const { session, wish } = this.#facts();
    const answer = session
      ? { sdp: await this.#watchSession(session, offer.sdp, stop), sessionid: session }
      : await this.#api.offer({ sdp: offer.sdp, type: offer.type, ...wish }, stop);
    if (!stop.aborted) this.#set({ name: "connecting", step: "path", problem: this.state.problem });
    return { sdp: String(answer.sdp), sessionid: String(answer.sessionid) };
  }

  /**
   * @param {string} session
   * @param {string} sdp
   * @param {AbortSignal} stop
   */
  async #watchSession(session, sdp, stop) {
    try {
      return await this.#api.watch(session, sdp, stop);
    } catch (error) {
      throw error instanceof ApiError && error.status === 404 ? this.#gone() : error;
    }
  }

  /**
   * @param {string} sessionid
   * @param {AbortSignal} signal
   */
  #listen(sessionid, signal) {
    /** @type {() => void} */
    let onOpen = () => undefined;
    const opened = new Promise((resolve) => {
      onOpen = () => {
        this.#deaf = false;
        resolve(undefined);
      };
    });
    const onBreak = () => {
      this.#deaf = true;
    };
    const onEvent = (/** @type {unknown} */ event) => this.#tell("event", event);
    const ended = followEvents(this.#api, sessionid, { onEvent, onOpen, onBreak }, signal)
      .then(() => this.#gone())
      .catch((error) => this.#eventProblem(error));
    return { opened, ended };
  }

  /** @param {unknown} error */
  #eventProblem(error) {
    if (error instanceof ApiError && error.status === 404) return this.#gone();
    return callProblem(error, this.#here());
  }

  /** The session ended: one's own is begun anew, somebody else's is over. */
  #gone() {
    return new Problem(this.#facts().session ? "session_over" : "session_gone");
  }

  #here() {
    return { token: this.#facts().token, online: navigator.onLine, origin: location.origin };
  }

  /**
   * Measure once a second; resolves when the picture is gone.
   * @param {Peer} peer
   * @param {AbortSignal} signal
   */
  async #watch(peer, signal) {
    let changedAt = performance.now();
    let latest = null;
    while (!signal.aborted) {
      const now = await sample(peer.pc, latest);
      if (signal.aborted) break;
      if (now.frames !== latest?.frames || document.hidden) changedAt = now.at;
      latest = now;
      this.#tell("sample", now);
      const health = pictureHealth({ frames: now.frames, sinceChangeMs: now.at - changedAt });
      this.#tell("slow", health === "slow");
      if (health === "none") return new Problem("no_media");
      const still = now.at - changedAt > DEAF_AND_STILL_MS;
      if (still && this.#deaf) return new Problem("dropped"); // no need to wait for ICE to see it
      if (health === "stalled") return new Problem("stalled");
      await sleep(1000, signal);
    }
    return new Problem("dropped");
  }

  /** @param {Partial<LinkState> & {name: LinkState["name"]}} change */
  #set(change) {
    this.state = { step: "", problem: null, retryAt: null, ...change };
    this.#tell("state", this.state);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
