/** Listens to the remote sound itself: when it begins, and when it stops. */

const THRESHOLD = 0.004;
/** A pause this long ends a sound; shorter ones lie between words. */
const PAUSE_MS = 250;

/**
 * Sends "onset" and "silence" (detail: performance.now() of the first, or after the last, audible sample).
 * Only listens between watch() and rest().
 */
export class Ear extends EventTarget {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #samples = new Float32Array(2048);
  #heardAt = -Infinity;
  #sounding = false;
  #frame = 0;

  /** Call within a click or key press, or the browser keeps the ear shut. */
  open() {
    if (typeof AudioContext !== "function") return;
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state === "suspended") this.#context.resume().catch(() => undefined);
  }

  /** @param {MediaStream} stream */
  listenTo(stream) {
    this.#source?.disconnect();
    if (!this.#context || !stream.getAudioTracks().length) return;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = this.#samples.length;
    this.#source.connect(this.#analyser);
    this.#sounding = false;
    this.#heardAt = -Infinity;
  }

  /** Whether something sounds right now. */
  get sounding() {
    return performance.now() - this.#heardAt < PAUSE_MS;
  }

  watch() {
    this.#frame ||= requestAnimationFrame(() => this.#look());
  }

  rest() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #look() {
    this.#frame = requestAnimationFrame(() => this.#look());
    if (!this.#analyser || !this.#context) return;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const now = performance.now();
    const perMs = this.#context.sampleRate / 1000;
    const { first, last } = audible(this.#samples);
    if (first >= 0) {
      const begin = now - (this.#samples.length - first) / perMs;
      const end = now - (this.#samples.length - 1 - last) / perMs;
      if (begin - this.#heardAt > PAUSE_MS) this.#tell("onset", begin);
      this.#sounding = true;
      this.#heardAt = Math.max(this.#heardAt, end);
    } else if (this.#sounding && now - this.#heardAt > PAUSE_MS) {
      this.#sounding = false;
      this.#tell("silence", this.#heardAt);
    }
  }

  /**
   * @param {string} name
   * @param {number} at
   */
  #tell(name, at) {
    this.dispatchEvent(new CustomEvent(name, { detail: at }));
  }
}

/**
 * First and last audible sample, -1 if none.
 * @param {Float32Array} samples
 */
function audible(samples) {
  let first = -1;
  let last = -1;
  for (let i = 0; i < samples.length; i += 1) {
    if (Math.abs(samples[i]) < THRESHOLD) continue;
    if (first < 0) first = i;
    last = i;
  }
  return { first, last };
}
