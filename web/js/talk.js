/** Talking: what goes to the server, and what its events mean for conversation, captions and times. */

import { ApiError } from "./api.js";
import { DelayLine } from "./delay_line.js";
import { t } from "./i18n.js";
import { reason, stageReason } from "./reason.js";
import { Timing } from "./timing.js";
import { Transcripts } from "./transcripts.js";

/** @typedef {import("./conversation.js").Entry} Entry */

const TOO_LARGE = 413;

/**
 * @typedef {object} Parts
 * @property {import("./api.js").Api} api
 * @property {import("./link.js").Link} link
 * @property {import("./conversation.js").Conversation} conversation
 * @property {import("./latency.js").LatencyBook} latency
 * @property {import("./ear.js").Ear} ear
 * @property {import("./captions.js").Captions} captions
 * @property {(message: string) => void} tell a short notice
 * @property {() => string} hint key of what is to be known of answers, "" for nothing
 * @property {() => Record<string, unknown>} wish what else goes along with a text: the voice
 * @property {(text: string, why: string) => boolean} giveBack to be shortened; false if there is no room for it
 * @property {() => void} connect called when there is something to say and no connection
 */

export class Talk {
  #parts;
  #line = new DelayLine();
  #transcripts;
  #timing;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#transcripts = new Transcripts(parts.conversation);
    this.#timing = new Timing(parts);
    const { link } = parts;
    link.addEventListener("state", () => this.#onState());
    link.addEventListener("event", (event) => this.#onEvent(/** @type {CustomEvent} */ (event).detail));
    link.addEventListener("sample", (event) => {
      this.#line.delay = /** @type {CustomEvent} */ (event).detail.bufferMs;
    });
  }

  /**
   * @param {string} text
   * @param {"echo" | "chat"} kind
   * @param {boolean} interrupt
   */
  say(text, kind, interrupt) {
    const entry = this.#parts.conversation.add(kind, text);
    this.#note(entry);
    this.#submit(entry, interrupt);
  }

  /**
   * What this browser's own recogniser understands; whole sentences are asked.
   * @param {string} text
   * @param {boolean} whole
   */
  hear(text, whole) {
    if (!whole) return this.#transcripts.partial(text);
    const entry = this.#transcripts.final(text);
    this.#parts.conversation.move(entry, "waiting");
    this.#note(entry);
    this.#submit(entry, true);
  }

  /** What is to be known of answers stands below the first one. @param {Entry} entry */
  #note(entry) {
    const { conversation, hint } = this.#parts;
    const told = conversation.entries.some((one) => one.hint);
    if (entry.kind === "chat" && !told) entry.hint = hint();
  }

  /** @param {File} file */
  play(file) {
    this.#submit(this.#parts.conversation.add("file", file.name, file), false);
  }

  /** @param {Entry} entry to be said once more */
  again(entry) {
    if (entry.file) this.play(entry.file);
    else this.say(entry.text, entry.kind === "chat" ? "chat" : "echo", false);
  }

  /** Be silent, now. */
  async stop() {
    const { api, link, conversation, latency, ear, captions, tell } = this.#parts;
    if (!link.sessionid || !conversation.unfinished.length) return;
    if (ear.sounding) latency.stopAsked();
    captions.clear();
    try {
      await api.interrupt(link.sessionid);
      this.#line.flush();
      conversation.cut();
      captions.clear();
    } catch (error) {
      tell(t("stop.failed", { reason: reason(error) }));
    }
  }

  /**
   * @param {Entry} entry
   * @param {boolean} interrupt
   */
  #submit(entry, interrupt) {
    if (this.#parts.link.sessionid) this.#send(entry, interrupt);
    else this.#parts.connect(); // it goes out as soon as there is a connection
  }

  /**
   * @param {Entry} entry
   * @param {boolean} interrupt
   */
  async #send(entry, interrupt) {
    const { api, link, conversation, latency, wish } = this.#parts;
    const { sessionid } = link;
    this.#timing.sent(entry);
    try {
      if (entry.file) await api.audio(sessionid, entry.file, entry.id);
      else await api.human({ sessionid, text: entry.text, type: entry.kind, interrupt, entry: entry.id, ...wish() });
    } catch (error) {
      latency.forget(entry.id);
      const tooLong = error instanceof ApiError && error.status === TOO_LARGE && !entry.file;
      if (tooLong && this.#parts.giveBack(entry.text, reason(error))) return conversation.remove(entry);
      return conversation.move(entry, "failed", reason(error));
    }
    latency.accepted(entry.id);
    if (interrupt) conversation.cut(entry);
    if (entry.state === "waiting") conversation.move(entry, "queued");
  }

  #onState() {
    const { link, conversation, captions } = this.#parts;
    const { name, retryAt } = link.state;
    const waiting = conversation.entries.filter(({ state }) => state === "waiting");
    if (name === "connected") {
      for (const entry of waiting) this.#send(entry, false);
      return;
    }
    this.#line.flush();
    captions.clear();
    this.#transcripts.lose();
    conversation.lose(t("reason.connection"));
    if (name === "idle" || (name === "failed" && retryAt === null)) {
      for (const entry of waiting) conversation.move(entry, "failed", t("reason.connection"));
    }
  }

  /** @param {import("./events.js").ServerEvent} event */
  #onEvent({ name, data }) {
    const { conversation, captions } = this.#parts;
    if (name === "latency") this.#timing.told(data);
    else if (name === "state") this.#onSession(String(data.state));
    else if (name === "error") this.#onError(data);
    else if (name === "transcript") this.#onTranscript(data);
    else if (name === "reply") this.#onReply(data);
    else if (name === "interrupted") {
      this.#line.flush();
      if (!this.#known(data)) this.#transcripts.over(data.turn, "interrupted");
      if (conversation.onInterrupted(data)) captions.clear();
      const entry = conversation.owner(data);
      if (entry?.voice && !entry.begun && this.#timing.listening) this.#transcripts.halt(entry);
    } else this.#line.push(() => this.#onSpeech(name, data));
  }

  /** @param {string} state of the session */
  #onSession(state) {
    this.#timing.state(state);
    if (!this.#timing.listening) this.#transcripts.settle();
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} data
   */
  #onSpeech(name, data) {
    const { conversation, captions } = this.#parts;
    if (name === "start") {
      conversation.onStart(data);
      captions.begin(String(data.text ?? ""));
    } else if (name === "word") {
      conversation.onWord(data);
      captions.word(String(data.word ?? ""), Number(data.offset) || 0, data.text);
    } else if (name === "end") {
      conversation.onEnd(data);
      captions.end();
    }
  }

  /** @param {Record<string, any>} data */
  #onError(data) {
    const { conversation, tell } = this.#parts;
    const message = stageReason(String(data.stage ?? ""), String(data.message ?? ""));
    const over = data.over !== false;
    if (over && data.turn !== undefined && !this.#known(data)) this.#transcripts.over(data.turn, "failed", message);
    const entry = conversation.owner(data);
    if (data.stage === "listen") this.#transcripts.misheard(message);
    else if (entry && over) conversation.move(entry, "failed", message);
    else tell(message);
  }

  /** Whether it is about an entry: one that it names, or the last question that nothing answered yet. @param {Record<string, any>} data */
  #known(data) {
    return this.#parts.conversation.owner(data) !== null || this.#transcripts.claim(data.turn);
  }

  /** @param {Record<string, any>} data */
  #onReply(data) {
    const { conversation } = this.#parts;
    const known = data.welcome ? true : this.#known(data);
    this.#timing.answered(conversation.onReply(data), !known);
  }

  /** @param {Record<string, any>} data */
  #onTranscript(data) {
    const text = String(data.text ?? "");
    if (!data.final) return this.#transcripts.partial(text, data.turn);
    const entry = this.#transcripts.final(text, data.turn);
    const open = data.turn === undefined;
    if (open) this.#transcripts.await(entry);
    this.#note(entry);
    this.#timing.understood(entry, open);
  }
}
