/** The times of each turn, by this page's clock and by the server's. */

/**
 * @typedef {object} Turn
 * @property {string} id of the conversation entry
 * @property {string} label
 * @property {number} sentAt performance.now(); of a spoken turn the end of the speech, or when its words came back from
 *   the server, until that told how long they took
 * @property {boolean} voice it was spoken: its times count from the end of the speech
 * @property {boolean} audible its first sound can be told apart from other speech
 * @property {number | null} acceptedMs until the server took it
 * @property {number | null} heardMs until the first sound came out of this device; of a spoken turn only once the server told its times
 * @property {Record<string, number>} server by the server's own names, in ms
 */

const KEPT = 30;

/** Sends "change". */
export class LatencyBook extends EventTarget {
  /** @type {Turn[]} newest last */
  turns = [];
  /** @type {number | null} from asking for silence to silence, ms */
  stopMs = null;
  /** @type {number | null} from the click to the first picture, ms */
  connectMs = null;
  /** @type {number | null} */
  #stopAskedAt = null;

  /**
   * @param {string} id
   * @param {string} label
   * @param {boolean} audible
   * @param {boolean} [voice] it was spoken
   * @param {number} [sentAt] where that is known better: the end of the speech
   */
  sent(id, label, audible, voice = false, sentAt = performance.now()) {
    const turn = { id, label, sentAt, voice, audible, acceptedMs: null, heardMs: null, server: {} };
    this.turns = [...this.turns.slice(1 - KEPT), turn];
    this.#changed();
  }

  /** @param {string} id */
  accepted(id) {
    const turn = this.#find(id);
    if (!turn) return;
    turn.acceptedMs = performance.now() - turn.sentAt;
    this.#changed();
  }

  /**
   * Its words are known by now.
   * @param {string} id
   * @param {string} label
   */
  name(id, label) {
    const turn = this.#find(id);
    if (!turn) return;
    turn.label = label;
    this.#changed();
  }

  /** Whether it has times of this entry. @param {string} id */
  knows(id) {
    return this.#find(id) !== undefined;
  }

  /** @param {string} id that was said, or stopped: no first sound is to be expected any more */
  done(id) {
    const turn = this.#find(id);
    if (!turn || turn.heardMs !== null || !turn.audible) return;
    turn.audible = false;
    this.#changed();
  }

  /** @param {string} id that the server did not take */
  forget(id) {
    this.turns = this.turns.filter((turn) => turn.id !== id);
    this.#changed();
  }

  /**
   * Sound began.
   * @param {number} at
   * @returns {string} the entry it belongs to, "" if none waits for it
   */
  onset(at) {
    const turn = this.turns.find((one) => one.heardMs === null && one.audible && at > one.sentAt);
    if (!turn) return "";
    turn.heardMs = at - turn.sentAt;
    this.#changed();
    return turn.id;
  }

  /** @param {number} at */
  silence(at) {
    if (this.#stopAskedAt === null) return;
    this.stopMs = Math.max(0, at - this.#stopAskedAt);
    this.#stopAskedAt = null;
    this.#changed();
  }

  /** Somebody asked for silence while there was sound. */
  stopAsked() {
    this.#stopAskedAt = performance.now();
  }

  /** Whether some sound, or its end, is being waited for. */
  get waiting() {
    return this.#stopAskedAt !== null || this.turns.some((turn) => turn.heardMs === null && turn.audible);
  }

  /**
   * Numbers from the server.
   * @param {Record<string, unknown>} data
   * @param {string} id of the entry that they are about
   */
  server(data, id) {
    const turn = this.#find(id);
    if (!turn) return;
    for (const [name, value] of Object.entries(data)) {
      const measured = typeof value === "number" && Number.isFinite(value) && name.endsWith("_ms");
      if (measured) turn.server[name] = /** @type {number} */ (value);
    }
    if (turn.voice && turn.server.recognised_ms) {
      turn.sentAt -= turn.server.recognised_ms; // back to the end of the speech
      if (turn.heardMs !== null) turn.heardMs += turn.server.recognised_ms;
    }
    this.#changed();
  }

  /** @param {number} ms */
  connected(ms) {
    this.connectMs = ms;
    this.#changed();
  }

  /** Median time to the first sound; null before there is one. */
  get medianMs() {
    const heard = this.turns.map((turn) => turn.heardMs).filter((ms) => ms !== null);
    heard.sort((a, b) => a - b);
    return heard.length ? heard[Math.floor(heard.length / 2)] : null;
  }

  /** @param {string} id */
  #find(id) {
    return this.turns.find((turn) => turn.id === id);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
