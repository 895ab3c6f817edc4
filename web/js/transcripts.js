/** What the user says into a microphone: a draft while it is said, an entry once it is whole. */

import { lettersOf } from "./place.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/** A draft that nothing more is heard of goes after so long, and a question that nothing answers is given up. */
const FORGOTTEN_MS = 8000;
/** How long it is told that something was not understood. */
const MISHEARD_MS = 12_000;
/** Letters at the end of what was understood that may change when more is heard. */
const UNSURE = 4;
/** What answers nothing else may answer a question that is as old, though it was given up. */
const LATE_MS = 30_000;
/** Answers of which it is kept how they ended, until somebody wrote down what they answered. */
const KEPT = 16;

export class Transcripts {
  #conversation;
  /** @type {Entry | null} */
  #draft = null;
  #timer = 0;
  /** @type {Entry | null} a question that was stopped while its speaker goes on: with it, or with another */
  #halted = null;
  /** @type {Entry[]} whole questions of which it is not known what answers them, if anything does */
  #open = [];
  /** @type {Map<number, {state: "interrupted" | "failed", reason: string}>} by turn: over before their questions were known */
  #over = new Map();

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
    this.settle();
  }

  /** @param {string} text of a draft */
  #draw(text) {
    const entry = (this.#draft ??= this.#takenBack(text) ?? this.#add());
    entry.text = text;
    this.#conversation.move(entry, "listening");
    this.#expire(FORGOTTEN_MS);
  }

  /**
   * This is all that was said.
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
    this.settle(entry);
    entry.text = text;
    entry.at = new Date();
    if (turn !== undefined) this.#conversation.name(entry, turn);
    const { state, reason } = this.#over.get(turn ?? NaN) ?? { state: "queued", reason: "" };
    this.#conversation.move(entry, /** @type {import("./conversation.js").EntryState} */ (state), reason);
    return entry;
  }

  /** It may be answered, or may not: nobody told yet. @param {Entry} entry */
  await(entry) {
    this.#open.push(entry);
    setTimeout(() => this.#open.includes(entry) && this.#giveUp(entry), FORGOTTEN_MS);
  }

  /**
   * An answer to something that was said: to the last of what nobody answered, for all we know.
   * @param {number} turn
   * @returns {boolean} whether there is such a thing
   */
  claim(turn) {
    this.#open = this.#open.filter(({ at }) => Date.now() - at.getTime() < LATE_MS);
    const entry = this.#open.pop();
    if (!entry) return false;
    this.#open.splice(0).forEach((passed) => this.#giveUp(passed));
    this.#conversation.name(entry, turn);
    this.#conversation.move(entry, "queued");
    return true;
  }

  /**
   * An answer ended of which nothing was known, nor what it answers.
   * @param {number} turn
   * @param {"interrupted" | "failed"} state
   * @param {string} [reason]
   */
  over(turn, state, reason = "") {
    this.#over.set(turn, { state, reason });
    for (const old of [...this.#over.keys()].slice(0, -KEPT)) this.#over.delete(old);
  }

  /**
   * A question was stopped before its answer was heard, and somebody speaks: it may not be whole yet.
   * @param {Entry} entry
   */
  halt(entry) {
    this.settle();
    this.#conversation.forgetReply(entry);
    this.#halted = entry;
    this.#conversation.move(entry, "listening");
  }

  /** What was halted is not answered, unless the speaker went on with it. @param {Entry | null} [draft] */
  settle(draft = this.#draft) {
    if (this.#halted && this.#halted !== draft) this.#conversation.move(this.#halted, "interrupted");
    this.#halted = null;
  }

  /** The session is gone. */
  lose() {
    this.drop();
    this.settle();
    this.#open = [];
    this.#over.clear();
  }

  /** @param {Entry} entry that was not answered, as it seems */
  #giveUp(entry) {
    if (entry.state === "queued") this.#conversation.move(entry, "interrupted");
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
    if (!last?.voice || last.begun || (last.state !== "interrupted" && last !== this.#halted)) return null;
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
