/** Hands things on a little later, in order: sound waits in the receiver's buffer, so must its captions. */

const LONGEST_MS = 400;

export class DelayLine {
  /** @type {{due: number, act: () => void}[]} */
  #waiting = [];
  #timer = 0;
  #ms = 0;

  /** @param {number | null} ms for what comes from now on */
  set delay(ms) {
    this.#ms = Math.min(LONGEST_MS, Math.max(0, ms ?? 0));
  }

  /** @param {() => void} act */
  push(act) {
    const last = this.#waiting[this.#waiting.length - 1]?.due ?? 0;
    this.#waiting.push({ due: Math.max(last, performance.now() + this.#ms), act });
    if (this.#waiting.length === 1) this.#arm();
  }

  /** Do at once what still waits. */
  flush() {
    clearTimeout(this.#timer);
    for (const { act } of this.#waiting.splice(0)) act();
  }

  #arm() {
    const next = this.#waiting[0];
    if (next) this.#timer = setTimeout(() => this.#pop(), Math.max(0, next.due - performance.now()));
  }

  #pop() {
    this.#waiting.shift()?.act();
    this.#arm();
  }
}
