/** The user's voice: on its way to the server, or to this browser's own recogniser. */

import { language } from "./i18n.js";
import { MicrophoneTrouble } from "./microphone.js";
import { isEcho } from "./overheard.js";
import { canRecognise } from "./recogniser.js";
import { spokenText } from "./spoken.js";

/** @typedef {"server" | "browser" | "none" | "unknown"} Way who understands what is said; unknown until the server told of itself */

/** An open microphone in a page that nobody sees is switched off after so long. */
const UNSEEN_MS = 60_000;
const TONGUES = { en: "en-US", zh: "zh-CN" };

/**
 * @typedef {object} Parts
 * @property {import("./api.js").Api} api
 * @property {import("./link.js").Link} link
 * @property {import("./talk.js").Talk} talk
 * @property {import("./conversation.js").Conversation} conversation
 * @property {import("./microphone.js").Microphone} microphone
 * @property {import("./recogniser.js").Recogniser} recogniser
 * @property {() => void} connect begin to, unless that is under way
 */

/** Sends "change", and "trouble" (detail: what is the matter in one word, "" for nothing any more). */
export class Voice extends EventTarget {
  /** @type {"off" | "opening" | "on"} */
  state = "off";
  /** a button is held down for it */
  held = false;
  /** the browser's recogniser hears somebody */
  speaking = false;
  /** @type {Way} */
  #way = "unknown";
  #parts;
  #unseen = 0;
  /** switched off because nobody saw the page */
  #dozed = false;
  /** the recogniser's words stopped the avatar already */
  #barged = false;

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    const { link, microphone, recogniser } = parts;
    microphone.addEventListener("track", (event) => {
      link.speak(/** @type {CustomEvent<MediaStreamTrack | null>} */ (event).detail);
    });
    microphone.addEventListener("lost", () => this.#fail("lost"));
    recogniser.addEventListener("partial", (event) => this.#onWords(/** @type {CustomEvent<string>} */ (event).detail, false));
    recogniser.addEventListener("final", (event) => this.#onWords(/** @type {CustomEvent<string>} */ (event).detail, true));
    recogniser.addEventListener("trouble", (event) => this.#fail(/** @type {CustomEvent<string>} */ (event).detail));
    recogniser.addEventListener("voice", (event) => {
      this.speaking = /** @type {CustomEvent<boolean>} */ (event).detail;
      this.#changed();
    });
    link.addEventListener("state", () => this.#onLink());
    document.addEventListener("visibilitychange", () => this.#onSight());
  }

  /** @param {import("./api.js").Body} config */
  offer(config) {
    if (config.hears && config.recognises) this.#way = "server";
    else this.#way = canRecognise() ? "browser" : "none";
    this.#changed();
  }

  /** @returns {Way} */
  get way() {
    return this.#way;
  }

  /** Whether that was not called off meanwhile. */
  get #opening() {
    return this.state === "opening";
  }

  /** Listen; does nothing while it does already. */
  async open() {
    if (this.state !== "off") return;
    if (this.#way === "unknown") return this.#parts.connect(); // which asks the server, or says what is in the way
    if (this.#way === "none") return this.#fail("no_recogniser");
    this.#tell("trouble", "");
    this.#parts.connect();
    if (!["connecting", "connected"].includes(this.#parts.link.state.name)) return; // something else is to be settled first
    this.#set("opening");
    try {
      if (this.#way === "browser") this.#parts.recogniser.start(TONGUES[language()]);
      else if (!(await this.#parts.microphone.listen())) return;
    } catch (error) {
      if (this.#opening) this.#fail(error instanceof MicrophoneTrouble ? error.code : "failed");
      return;
    }
    if (this.#opening) this.#set("on");
  }

  /** A button is held down, and to be let go when all is said. */
  hold() {
    if (this.state === "off") return;
    this.held = true;
    this.#changed();
  }

  /** That was all: answer it. */
  close() {
    if (this.state === "off") return;
    const { api, link, microphone, recogniser } = this.#parts;
    const heard = this.state === "on" && this.#way === "server" && link.sessionid;
    microphone.rest();
    recogniser.stop();
    if (heard) api.endTurn(link.sessionid).catch(() => undefined); // it would be answered a moment later anyway
    this.#set("off");
  }

  /** Listen to another microphone, if to any. */
  async change() {
    this.#parts.microphone.off();
    if (this.state !== "on" || this.#way !== "server") return;
    this.#set("off");
    await this.open();
  }

  /**
   * @param {string} text
   * @param {boolean} whole
   */
  #onWords(text, whole) {
    const { api, link, talk, conversation } = this.#parts;
    const said = conversation.unfinished.map(spokenText).join(" ");
    if (isEcho(text, said)) return;
    if (!whole && !this.#barged && link.sessionid && conversation.unfinished.length) {
      this.#barged = true;
      api.interrupt(link.sessionid).catch(() => undefined); // the whole sentence interrupts, too
    }
    if (whole) this.#barged = false;
    talk.hear(text, whole);
  }

  /** A session that is over is not listened to. */
  #onLink() {
    const { name, retryAt } = this.#parts.link.state;
    if (this.state === "off" || name === "connected" || name === "connecting" || retryAt !== null) return;
    this.#parts.microphone.off();
    this.#parts.recogniser.abort();
    this.#set("off");
  }

  #onSight() {
    clearTimeout(this.#unseen);
    if (document.hidden && this.held) return this.close(); // nobody tells when the key is let go
    if (document.hidden && this.state !== "off") {
      this.#unseen = setTimeout(() => {
        this.#dozed = this.state !== "off";
        this.close();
      }, UNSEEN_MS);
    }
    if (!document.hidden && this.#dozed) {
      this.#dozed = false;
      this.#tell("trouble", "dozed");
    }
  }

  /** @param {string} code */
  #fail(code) {
    this.#parts.microphone.off();
    this.#parts.recogniser.abort();
    this.#set("off");
    this.#tell("trouble", code);
  }

  /** @param {Voice["state"]} state */
  #set(state) {
    this.state = state;
    if (state === "off") this.held = this.speaking = this.#barged = false;
    this.#changed();
  }

  #changed() {
    this.#tell("change", undefined);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
