/** What the user says into a microphone: a draft while it is said, an entry once it is whole. */

import { lettersOf } from "./place.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/** A draft that nothing more is heard of goes after so long. */
const FORGOTTEN_MS = 8000;
/** How long it is told that something was not understood. */
const MISHEARD_MS = 12_000;
/** Letters at the end of what was understood that may change when more is heard. */
const UNSURE = 4;

export class Transcripts {
  #conversation;
  /** @type {Entry | null} */
  #draft = null;
  #timer = 0;

  /** @param {import("./conversation.js").Conversation} conversation */
  constructor(conversation) {
    this.#conversation = conversation;
  }

  /**
   * So much is understood by now.
   * @param {string} text
   * @param {number} [turn] that answers it already: a model that hears may answer before anybody wrote down what it heard
   */
  partial(text, turn) {
    if (!text) return;
    const answered = this.#answered(turn);
    if (answered) this.#putTo(answered, text);
    else this.#draw(text);
  }

  /** @param {string} text of a draft */
  #draw(text) {
    const entry = (this.#draft ??= this.#takenBack(text) ?? this.#add());
    entry.text = text;
    this.#conversation.move(entry, "listening");
    this.#expire(FORGOTTEN_MS);
  }

  /**
   * This is all, and it is answered.
   * @param {string} text
   * @param {number} [turn] that answers it
   * @returns {Entry}
   */
  final(text, turn) {
    const answered = this.#answered(turn);
    if (answered) return this.#putTo(answered, text);
    const entry = this.#draft ?? this.#takenBack(text) ?? this.#add();
    clearTimeout(this.#timer);
    this.#draft = null;
    entry.text = text;
    entry.at = new Date();
    if (turn !== undefined) this.#conversation.name(entry, turn);
    this.#conversation.move(entry, "queued");
    return entry;
  }

  /** The answer that is there already. @param {number | undefined} turn */
  #answered(turn) {
    const owner = turn === undefined ? null : this.#conversation.owner({ turn });
    return owner?.kind === "chat" ? owner : null;
  }

  /**
   * @param {Entry} entry that was answered before its question was known
   * @param {string} text
   */
  #putTo(entry, text) {
    this.drop();
    entry.text = text;
    entry.voice = true;
    this.#conversation.changed(entry);
    return entry;
  }

  /**
   * It was not understood.
   * @param {string} why
   */
  misheard(why) {
    const entry = (this.#draft ??= this.#add());
    this.#conversation.move(entry, "misheard", why);
    this.#expire(MISHEARD_MS);
  }

  /** Nothing comes of what was begun. */
  drop() {
    clearTimeout(this.#timer);
    if (this.#draft) this.#conversation.remove(this.#draft);
    this.#draft = null;
  }

  /** @param {number} ms */
  #expire(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.drop(), ms);
  }

  #add() {
    const entry = this.#conversation.add("chat", "");
    entry.voice = true;
    return entry;
  }

  /**
   * The last entry, if its speaker goes on after all: then the server took the question back before it was answered.
   * @param {string} text
   * @returns {Entry | null}
   */
  #takenBack(text) {
    const last = this.#conversation.entries.at(-1);
    if (!last?.voice || last.state !== "interrupted" || last.begun) return null;
    const [before, now] = [lettersOf(last.text), lettersOf(text)];
    const sure = Math.max(1, Math.min(before.length - UNSURE, now.length));
    return before.slice(0, sure) === now.slice(0, sure) ? this.#again(last) : null;
  }

  /** @param {Entry} entry to be asked anew */
  #again(entry) {
    this.#conversation.forgetReply(entry);
    return entry;
  }
}
