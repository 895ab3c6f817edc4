/** The browser's own recogniser, for servers that have none. */

/** @typedef {"denied" | "absent" | "unreachable" | "failed"} RecogniserProblem */

/** It ends by itself now and then, and begins again; so soon and so often, it does not work at all. */
const SOON_MS = 800;
const OFTEN = 3;
/** @type {Record<string, RecogniserProblem>} the browser's errors that do not pass */
const PROBLEMS = {
  "not-allowed": "denied", "service-not-allowed": "denied", "audio-capture": "absent", network: "unreachable",
  "language-not-supported": "failed",
};

/** @returns {(new () => any) | undefined} what no type library has */
function browsers() {
  return Reflect.get(globalThis, "SpeechRecognition") ?? Reflect.get(globalThis, "webkitSpeechRecognition");
}

/** @returns {boolean} whether this browser has one */
export function canRecognise() {
  return typeof browsers() === "function";
}

/** Sends "partial" and "final" (detail: the words), "voice" (whether somebody speaks) and "trouble" (RecogniserProblem). */
export class Recogniser extends EventTarget {
  /** @type {any} */
  #running = null;
  #wanted = false;
  #language = "";
  #begunAt = 0;
  #early = 0;

  /** @param {string} language as "en" */
  start(language) {
    this.#wanted = true;
    this.#early = 0;
    this.#language = language;
    if (!this.#running) this.#begin();
  }

  /** Hear no more; the last words still come. */
  stop() {
    this.#wanted = false;
    this.#running?.stop();
    this.#tell("voice", false);
  }

  /** Hear no more, and forget what was not whole. */
  abort() {
    this.#wanted = false;
    this.#running?.abort();
    this.#tell("voice", false);
  }

  #begin() {
    const Kind = browsers();
    if (!Kind) return;
    const running = new Kind();
    Object.assign(running, { continuous: true, interimResults: true, lang: this.#language });
    running.onresult = (/** @type {any} */ event) => this.#onResult(event);
    running.onspeechstart = () => this.#tell("voice", true);
    running.onspeechend = () => this.#tell("voice", false);
    running.onerror = (/** @type {any} */ { error }) => this.#onError(String(error));
    running.onend = () => this.#onEnd();
    this.#running = running;
    this.#begunAt = performance.now();
    running.start();
  }

  /** @param {any} event */
  #onResult({ resultIndex, results }) {
    let partial = "";
    for (let n = resultIndex; n < results.length; n += 1) {
      const text = String(results[n][0].transcript).trim();
      if (!results[n].isFinal) partial = `${partial} ${text}`.trim();
      else if (text) this.#tell("final", text);
    }
    if (partial) this.#tell("partial", partial);
  }

  /** @param {string} error */
  #onError(error) {
    if (PROBLEMS[error]) this.#giveUp(PROBLEMS[error]);
  }

  #onEnd() {
    this.#running = null;
    if (!this.#wanted) return;
    this.#early = performance.now() - this.#begunAt < SOON_MS ? this.#early + 1 : 0;
    if (this.#early >= OFTEN) this.#giveUp("failed");
    else this.#begin();
  }

  /** @param {RecogniserProblem} why */
  #giveUp(why) {
    if (!this.#wanted) return;
    this.abort();
    this.#tell("trouble", why);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
