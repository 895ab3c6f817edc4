/** When each turn was asked, answered and heard: what the server tells and what this page hears, put together. */

import { finished } from "./conversation.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/** An answer that comes later than this after somebody spoke is to something else. */
const ANSWERED_MS = 30_000;

export class Timing {
  #conversation;
  #latency;
  #ear;
  /** the server hears somebody */
  #listening = false;
  /** @type {number | null} when the server last heard somebody stop; null once that is answered */
  #spokenAt = null;

  /** @param {Pick<import("./talk.js").Parts, "conversation" | "latency" | "ear">} parts */
  constructor({ conversation, latency, ear }) {
    this.#conversation = conversation;
    this.#latency = latency;
    this.#ear = ear;
    ear.addEventListener("onset", (event) => {
      const entry = conversation.find(latency.onset(/** @type {CustomEvent<number>} */ (event).detail));
      if (entry) this.#tell(entry);
    });
    ear.addEventListener("silence", (event) => latency.silence(/** @type {CustomEvent<number>} */ (event).detail));
    conversation.addEventListener("change", (event) => {
      const entry = /** @type {CustomEvent<Entry>} */ (event).detail;
      if (finished(entry) && entry.begun) latency.done(entry.id);
      else if (finished(entry) && latency.knows(entry.id)) latency.forget(entry.id); // nothing of it was heard
      this.#tend();
    });
    latency.addEventListener("change", () => this.#tend());
  }

  /** Whether the server hears somebody. */
  get listening() {
    return this.#listening;
  }

  /** It goes to the server now. @param {Entry} entry */
  sent(entry) {
    this.#latency.sent(entry.id, entry.text, this.#alone(entry));
  }

  /** @param {string} state of the session, as the server names it */
  state(state) {
    if (this.#listening && state !== "listening") this.#spokenAt = performance.now();
    if (state === "listening") this.#spokenAt = null;
    this.#listening = state === "listening";
  }

  /**
   * An answer is being written.
   * @param {Entry} entry
   * @param {boolean} aloud what it answers was said, and may not be written down yet
   */
  answered(entry, aloud) {
    const spokenAt = this.#takeSpokenAt();
    if (!aloud || spokenAt === null || this.#latency.knows(entry.id)) return;
    this.#latency.sent(entry.id, entry.text, this.#alone(entry), true, spokenAt);
  }

  /**
   * What was said is known.
   * @param {Entry} entry
   * @param {boolean} sooner nobody told that it is answered
   */
  understood(entry, sooner) {
    const latency = this.#latency;
    const answered = entry.written && latency.knows(entry.id);
    if (answered) return latency.name(entry.id, entry.text);
    if (finished(entry)) return;
    latency.forget(entry.id); // asked before, and taken back
    const spokenAt = sooner ? this.#takeSpokenAt() : null;
    latency.sent(entry.id, entry.text, !entry.begun && this.#alone(entry), true, spokenAt ?? performance.now());
  }

  /** @param {Record<string, any>} data the server's times of a turn */
  told(data) {
    const entry = this.#conversation.owner(data);
    if (!entry) return;
    const latency = this.#latency;
    if (!latency.knows(entry.id)) latency.sent(entry.id, entry.text, false, entry.voice); // another program's
    latency.server(data, entry.id);
    this.#tell(entry);
  }

  #takeSpokenAt() {
    const at = this.#spokenAt;
    this.#spokenAt = null;
    return at !== null && performance.now() - at < ANSWERED_MS ? at : null;
  }

  /** @param {Entry} entry whose first sound was heard, or is known better by now */
  #tell(entry) {
    entry.heardMs = this.#latency.turns.find(({ id }) => id === entry.id)?.heardMs ?? null;
    this.#conversation.changed(entry);
  }

  /** Whether the first sound of an entry will be told apart. @param {Entry} entry */
  #alone(entry) {
    const others = this.#conversation.entries.filter((one) => one !== entry);
    return !this.#ear.sounding && !others.some(({ state }) => ["waiting", "queued", "speaking"].includes(state));
  }

  #tend() {
    if (this.#conversation.speaking || this.#latency.waiting) this.#ear.watch();
    else this.#ear.rest();
  }
}
