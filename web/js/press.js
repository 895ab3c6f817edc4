/** One button for two ways to talk: a tap opens the microphone, and another closes it; held down, it is open as long. */

/** A press as long as this is meant to be let go again. */
export const HOLD_MS = 350;

/**
 * @typedef {object} Opened what is opened and closed: the voice
 * @property {string} state "off" while it is closed
 * @property {() => unknown} open
 * @property {() => unknown} hold
 * @property {() => unknown} close
 */

export class Press {
  #voice;
  #down = false;
  #closes = false;
  #held = false;
  #timer = 0;

  /** @param {Opened} voice */
  constructor(voice) {
    this.#voice = voice;
  }

  /** Whether it is pressed. */
  get isDown() {
    return this.#down;
  }

  /**
   * It is pressed: listen at once, whatever becomes of it.
   * @param {boolean} [held] it was held for a while already
   */
  down(held = false) {
    if (this.#down) return;
    this.#down = true;
    this.#held = false;
    this.#closes = this.#voice.state !== "off";
    if (this.#closes) return;
    this.#voice.open();
    if (held) this.#hold();
    else this.#timer = setTimeout(() => this.#hold(), HOLD_MS);
  }

  /** It is let go. */
  up() {
    if (!this.#down) return;
    this.#down = false;
    clearTimeout(this.#timer);
    if (this.#closes || this.#held) this.#voice.close();
  }

  /** Pressed and let go by something that does not hold: a key, a screen reader. */
  tap() {
    if (this.#voice.state === "off") this.#voice.open();
    else this.#voice.close();
  }

  #hold() {
    this.#held = true;
    this.#voice.hold();
  }
}
