/** The microphone: opened when it is needed, closed when it is not, so that the browser's sign of it tells the truth. */

import { choices } from "./preferences.js";

/** @typedef {"insecure" | "denied" | "absent" | "busy" | "failed"} MicrophoneProblem */

/** Silence goes on for so long after the last word, for the server to hear that it was the last. */
const TAIL_MS = 1500;
/** Where the scale of levels begins, in decibels below full. */
const QUIET_DB = -60;

/** What is in the way of the microphone. */
export class MicrophoneTrouble extends Error {
  /** @param {MicrophoneProblem} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Sends "track" (detail: MediaStreamTrack, or null for none), "lost" and "devices". */
export class Microphone extends EventTarget {
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  #samples = new Float32Array(1024);
  #tail = 0;
  #asked = 0;
  /** @type {MediaDeviceInfo[]} those whose names the browser tells */
  devices = [];

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#list());
  }

  /** Whether sound is taken in. */
  get open() {
    return this.#track !== null && this.#track.enabled;
  }

  /**
   * Listen.
   * @returns {Promise<boolean>} false if that was called off meanwhile
   * @throws {MicrophoneTrouble}
   */
  async listen() {
    clearTimeout(this.#tail);
    if (this.#track) {
      this.#track.enabled = true;
      return true;
    }
    const asked = (this.#asked += 1);
    const stream = await ask();
    const [track] = stream.getAudioTracks();
    if (asked !== this.#asked) {
      track.stop();
      return false;
    }
    track.addEventListener("ended", () => this.#onEnded(track));
    this.#track = track;
    this.#measure(stream);
    this.#tell("track", track);
    await this.#list();
    return true;
  }

  /** Take nothing in from now on, and let go of it in a moment. */
  rest() {
    this.#asked += 1;
    if (!this.#track) return;
    this.#track.enabled = false;
    clearTimeout(this.#tail);
    this.#tail = setTimeout(() => this.off(), TAIL_MS);
  }

  /** Let go of it at once. */
  off() {
    this.#asked += 1;
    clearTimeout(this.#tail);
    if (!this.#track) return;
    this.#track.stop();
    this.#track = null;
    this.#context?.close().catch(() => undefined);
    this.#context = this.#analyser = null;
    this.#tell("track", null);
  }

  /** How loud it is just now, 0 to 1. */
  get level() {
    if (!this.#analyser || !this.open) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, one) => sum + one * one, 0) / this.#samples.length;
    const decibels = 10 * Math.log10(power + 1e-12);
    return Math.min(1, Math.max(0, 1 - decibels / QUIET_DB));
  }

  /** @param {MediaStreamTrack} track that the browser ended: pulled out, or taken away */
  #onEnded(track) {
    if (track !== this.#track) return;
    this.off();
    this.#tell("lost", null);
  }

  /** @param {MediaStream} stream */
  #measure(stream) {
    if (typeof AudioContext !== "function") return;
    this.#context = new AudioContext();
    this.#context.resume().catch(() => undefined);
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  async #list() {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const virtual = new Set(["default", "communications"]); // the same ones once more
    this.devices = all.filter(({ kind, label, deviceId }) => kind === "audioinput" && label && !virtual.has(deviceId));
    this.#tell("devices", this.devices);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * @returns {Promise<MediaStream>}
 * @throws {MicrophoneTrouble}
 */
async function ask() {
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneTrouble(isSecureContext ? "failed" : "insecure");
  const chosen = choices.get("microphone");
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: chosen ? { ...audio, deviceId: { ideal: chosen } } : audio });
  } catch (error) {
    throw new MicrophoneTrouble(problem(error instanceof DOMException ? error.name : ""));
  }
}

/**
 * @param {string} name of the browser's error
 * @returns {MicrophoneProblem}
 */
export function problem(name) {
  if (["NotAllowedError", "SecurityError"].includes(name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(name)) return "absent";
  return ["NotReadableError", "AbortError"].includes(name) ? "busy" : "failed";
}
