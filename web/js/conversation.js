/** What was asked for and what became of it: the entries, and how the server's events move them on. */

import { actionName } from "./action_name.js";
import { Spoken, writeOn } from "./spoken.js";

/**
 * listening: somebody is saying it into a microphone; waiting: not with the server yet; queued: taken, not sounding
 * yet; misheard: said into a microphone, and not understood.
 * @typedef {"listening" | "waiting" | "queued" | "speaking" | "said" | "interrupted" | "failed" | "misheard"} EntryState
 *
 * @typedef {object} Entry
 * @property {string} id goes along to the server, which gives it back in its events
 * @property {"echo" | "chat" | "file" | "live" | "other"} kind live: somebody's voice while they speak; other: a text of
 *   another program, known as far as it was begun
 * @property {string} text what to speak; for chat what was asked; for a file its name or the action's whose sound it is, "" if nobody told it
 * @property {boolean} voice the question was spoken
 * @property {string} reply of a chat, as it was written, or where nobody tells that, as far as it was spoken
 * @property {boolean} written its reply is told as it is written
 * @property {import("./markdown.js").Block[]} blocks of the reply
 * @property {string} plain the reply as it is read
 * @property {string} hint key of what is to be known of it, "" for nothing
 * @property {EntryState} state
 * @property {boolean} begun some of it was heard
 * @property {number} spoken how far into the spoken text the speech has come
 * @property {[number, number] | null} word the current word in the spoken text
 * @property {string} reason of a failure
 * @property {Date} at
 * @property {number | null} heardMs until its first sound
 * @property {File | null} file
 */

/** Where a server does not tell the last sentence: how long the next one may take to begin. */
const NEXT_SENTENCE_MS = 1500;
const FINISHED = new Set(["said", "interrupted", "failed", "misheard"]);
/** Kinds whose words nobody knows. */
const WORDLESS = new Set(["file", "live"]);

/** Whether nothing more comes of it. @param {Entry} entry */
export function finished({ state }) {
  return FINISHED.has(state);
}

/** Sends "change" and "remove" (detail: the entry). */
export class Conversation extends EventTarget {
  /** @type {Entry[]} oldest first */
  entries = [];
  #count = 0;
  /** @type {Entry | null} */
  #current = null;
  /** @type {Entry | null} the one that spoke last, or speaks */
  #latest = null;
  /** @type {Map<number, Entry>} by the number that the session's events give each text and clip */
  #turns = new Map();
  #spoken = new Spoken();
  #settle = 0;

  /**
   * @param {Entry["kind"]} kind
   * @param {string} text
   * @param {File | null} [file]
   * @returns {Entry}
   */
  add(kind, text, file = null) {
    const id = `e${Date.now().toString(36)}${(this.#count += 1)}`;
    /** @type {Entry} */
    const entry = {
      id, kind, text, file, voice: false, reply: "", written: false, blocks: [], plain: "", hint: "", state: "waiting",
      begun: false, spoken: 0, word: null, reason: "", at: new Date(), heardMs: null,
    };
    this.entries.push(entry);
    this.changed(entry);
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
    this.changed(entry);
  }

  /** @param {Entry} entry that comes to nothing */
  remove(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.dispatchEvent(new CustomEvent("remove", { detail: entry }));
  }

  /** @param {Entry} entry of which no answer comes, and which may get another */
  forgetReply(entry) {
    Object.assign(entry, { reply: "", plain: "", blocks: [], written: false, spoken: 0 });
    for (const [turn, owner] of this.#turns) if (owner === entry) this.#turns.delete(turn);
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
   * The connection is gone, and with it whatever was not finished; the next session counts anew.
   * @param {string} reason
   */
  lose(reason) {
    clearTimeout(this.#settle);
    for (const entry of this.unfinished) this.move(entry, "failed", reason);
    this.#turns.clear();
  }

  /**
   * A sentence begins to sound.
   * @param {Record<string, any>} data
   */
  onStart(data) {
    clearTimeout(this.#settle);
    const text = String(data.text ?? "");
    const entry = this.owner(data) ?? this.#addOther(data);
    if (this.#current && this.#current !== entry) this.move(this.#current, "said");
    this.#current = entry;
    this.#latest = entry;
    entry.begun = true;
    this.#spoken.begin(entry, text);
    this.move(entry, "speaking");
  }

  /** @param {Record<string, any>} data */
  onWord(data) {
    const text = String(data.text ?? this.#spoken.sentence);
    if (data.text !== undefined && (!this.#current || text !== this.#spoken.sentence)) {
      const owner = this.owner(data);
      if (owner && finished(owner)) return; // cut off meanwhile
      this.onStart({ ...data, text }); // its beginning went by unseen
    }
    const entry = this.#current;
    if (!entry || WORDLESS.has(entry.kind)) return;
    if (this.#spoken.word(entry, String(data.word ?? ""), Number(data.offset) || 0)) this.changed(entry);
  }

  /** @param {Record<string, any>} data */
  onEnd(data) {
    const entry = this.#current;
    if (!entry || (this.owner(data) ?? entry) !== entry) return;
    entry.word = null;
    const broken = data.broken === true;
    if (!broken) this.#spoken.end(entry);
    if (data.last ?? WORDLESS.has(entry.kind)) return this.move(entry, broken ? "interrupted" : "said");
    this.changed(entry);
    if (data.last === undefined) this.#settle = setTimeout(() => this.move(entry, "said"), NEXT_SENTENCE_MS);
  }

  /**
   * @param {Record<string, any>} data
   * @returns {boolean} whether it was the one that spoke
   */
  onInterrupted(data) {
    const entry = this.owner(data);
    if (!entry || ["said", "failed"].includes(entry.state)) return false;
    const spoke = entry === this.#latest && entry.begun;
    if (spoke) clearTimeout(this.#settle);
    const told = typeof data.spoken === "string" && data.text === this.#spoken.sentence;
    if (spoke && told) this.#spoken.end(entry, data.spoken.length);
    this.move(entry, "interrupted");
    return spoke;
  }

  /**
   * The language model wrote on.
   * @param {Record<string, any>} data
   * @returns {Entry} that it answers
   */
  onReply(data) {
    const entry = this.owner(data) ?? this.#addChat(data);
    if (entry.kind !== "chat") return entry;
    writeOn(entry, String(data.text ?? ""), Boolean(data.last));
    this.changed(entry);
    return entry;
  }

  /**
   * From now on, a number of the session's events means this entry.
   * @param {Entry} entry
   * @param {number} turn
   */
  name(entry, turn) {
    this.#turns.set(turn, entry);
  }

  /**
   * Whose speech an event is about: by the id that we sent along, else by the number of the turn.
   * @param {Record<string, any>} data
   * @returns {Entry | null} null for a text or clip of another program that has not begun
   */
  owner(data) {
    const known = this.find(String(data.entry ?? "")) ?? this.#turns.get(data.turn) ?? null;
    if (known && data.turn !== undefined) this.#turns.set(data.turn, known);
    return known;
  }

  /** @param {Record<string, any>} data of an answer to a question that we do not know, or not yet */
  #addChat(data) {
    const entry = this.add("chat", "");
    this.name(entry, data.turn);
    this.move(entry, "queued");
    return entry;
  }

  /** @param {Record<string, any>} data */
  #addOther(data) {
    const own = typeof data.action === "string" ? actionName(data.action) : "";
    const name = typeof data.name === "string" ? data.name : own;
    const entry = data.text ? this.add("other", "") : data.live ? this.add("live", "") : this.add("file", name);
    if (data.turn !== undefined) this.#turns.set(data.turn, entry);
    return entry;
  }

  /** @param {Entry} entry of which something is told that is no other state */
  changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: entry }));
  }
}
