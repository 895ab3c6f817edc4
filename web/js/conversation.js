/** What was asked for and what became of it: the entries, and how the server's events move them on. */

import { unitIndex } from "./captions.js";

/**
 * waiting: not with the server yet; queued: taken, not sounding yet.
 * @typedef {"waiting" | "queued" | "speaking" | "said" | "interrupted" | "failed"} EntryState
 *
 * @typedef {object} Entry
 * @property {string} id goes along to the server, which gives it back in its events
 * @property {"echo" | "chat" | "file" | "other"} kind other: begun by somebody else
 * @property {string} text what to speak; for chat what was asked; for a file its name
 * @property {string} reply of a chat, as far as it was spoken
 * @property {EntryState} state
 * @property {number} spoken how far into the spoken text the speech has come
 * @property {[number, number] | null} word the current word in the spoken text
 * @property {string} reason of a failure
 * @property {Date} at
 * @property {number | null} heardMs until its first sound
 * @property {File | null} file
 */

/** After a sentence's end, the next one of the same entry may take this long to begin. */
const NEXT_SENTENCE_MS = 1500;
/** How far ahead to look for a word in a text that the server has cleaned before speaking it. */
const SEARCH = 60;

/** Sends "change" (detail: the entry). */
export class Conversation extends EventTarget {
  /** @type {Entry[]} oldest first */
  entries = [];
  /** @type {Entry | null} */
  #current = null;
  /** @type {Entry | null} the one that spoke last, or speaks */
  #latest = null;
  /** where the current sentence begins in the entry's text */
  #base = 0;
  /** whether it stands there just as it is spoken */
  #verbatim = true;
  #settle = 0;

  /**
   * @param {Entry["kind"]} kind
   * @param {string} text
   * @param {File | null} [file]
   * @returns {Entry}
   */
  add(kind, text, file = null) {
    const id = `e${Date.now().toString(36)}${this.entries.length}`;
    /** @type {Entry} */
    const entry = {
      id, kind, text, file, reply: "", state: "waiting", spoken: 0, word: null, reason: "", at: new Date(), heardMs: null,
    };
    this.entries.push(entry);
    this.#changed(entry);
    return entry;
  }

  /** @param {string} id */
  find(id) {
    return this.entries.find((entry) => entry.id === id) ?? null;
  }

  get speaking() {
    return this.#current !== null;
  }

  /** Entries the server has and has not finished. */
  get unfinished() {
    return this.entries.filter(({ state }) => state === "queued" || state === "speaking");
  }

  /**
   * @param {Entry} entry
   * @param {EntryState} state
   * @param {string} [reason]
   */
  move(entry, state, reason = "") {
    if (entry === this.#current && state !== "speaking") this.#current = null;
    entry.state = state;
    entry.reason = reason;
    if (state !== "speaking") entry.word = null;
    this.#changed(entry);
  }

  /**
   * The server dropped what it had: all unfinished entries older than `before`.
   * @param {Entry | null} [before] null for all
   */
  cut(before = null) {
    for (const entry of this.unfinished) {
      if (!before || this.entries.indexOf(entry) < this.entries.indexOf(before)) this.move(entry, "interrupted");
    }
  }

  /**
   * The connection is gone, and with it whatever was not finished.
   * @param {string} reason
   */
  lose(reason) {
    for (const entry of this.unfinished) this.move(entry, "failed", reason);
  }

  /**
   * A sentence begins to sound.
   * @param {Record<string, any>} data
   * @returns {Entry}
   */
  onStart(data) {
    clearTimeout(this.#settle);
    const text = String(data.text ?? "");
    const entry = this.#owner(data, text);
    if (this.#current && this.#current !== entry) this.move(this.#current, "said");
    this.#current = entry;
    this.#latest = entry;
    if (entry.kind === "chat") {
      this.#verbatim = true;
      this.#base = entry.reply.length;
      entry.reply += text;
    } else {
      const found = entry.text.indexOf(text, entry.spoken);
      this.#verbatim = found >= 0;
      this.#base = found < 0 ? entry.spoken : found;
    }
    this.move(entry, "speaking");
    return entry;
  }

  /** @param {Record<string, any>} data */
  onWord(data) {
    const entry = this.#current;
    if (!entry || entry.kind === "file") return;
    const word = String(data.word ?? "");
    let from = this.#base + unitIndex(String(data.text ?? ""), Number(data.offset) || 0);
    if (!this.#verbatim) {
      from = entry.text.indexOf(word, entry.spoken);
      if (from < 0 || from > entry.spoken + SEARCH) return; // spoken otherwise than written: "3" as "three"
    }
    entry.word = [from, from + word.length];
    entry.spoken = entry.word[1];
    this.#changed(entry);
  }

  /** @param {Record<string, any>} data */
  onEnd(data) {
    const entry = this.#current;
    if (!entry) return;
    entry.word = null;
    if (this.#verbatim) entry.spoken = this.#base + String(data.text ?? "").length;
    const done = data.last ?? (entry.kind === "file" || (entry.kind !== "chat" && !entry.text.slice(entry.spoken).trim()));
    if (done) return this.move(entry, "said");
    this.#changed(entry);
    this.#settle = setTimeout(() => this.move(entry, "said"), NEXT_SENTENCE_MS);
  }

  /**
   * @param {Record<string, any>} data
   * @returns {boolean} whether it was the one that spoke
   */
  onInterrupted(data) {
    const entry = this.find(String(data.entry ?? "")) ?? this.#current ?? this.#latest;
    if (!entry || ["said", "failed"].includes(entry.state)) return false;
    const spoke = entry === this.#latest;
    if (spoke) clearTimeout(this.#settle);
    if (spoke && this.#verbatim && typeof data.spoken === "string") entry.spoken = this.#base + data.spoken.length;
    this.move(entry, "interrupted");
    return spoke;
  }

  /**
   * Whose speech this is: by the id that we sent along, else the oldest that waits for its turn.
   * @param {Record<string, any>} data
   * @param {string} text
   * @returns {Entry}
   */
  #owner(data, text) {
    const known = this.find(String(data.entry ?? ""));
    if (known) return known;
    const fits = (/** @type {Entry} */ entry) => (text ? entry.text.includes(text) : entry.kind === "file");
    return this.unfinished.find((entry) => entry.kind !== "chat" && fits(entry)) ?? this.add("other", text);
  }

  /** @param {Entry} entry */
  #changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: entry }));
  }
}
