/** A line of the last minute, for a number that comes once a second. */

const KEPT = 60;
const WIDTH = 100;
const HEIGHT = 28;
const SVG = "http://www.w3.org/2000/svg";

export class Spark {
  /** @type {(number | null)[]} */
  #values = [];
  #line = document.createElementNS(SVG, "polyline");

  /** @param {Element} box */
  constructor(box) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 -2 ${WIDTH} ${HEIGHT + 4}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#line);
    box.append(svg);
  }

  /** @param {number | null} value */
  push(value) {
    this.#values = [...this.#values, value].slice(-KEPT);
    const top = Math.max(1, ...this.#values.map((one) => one ?? 0)) * 1.15;
    const first = KEPT - this.#values.length;
    const points = this.#values.map((one, index) => {
      const x = ((first + index) / (KEPT - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT * (1 - (one ?? 0) / top)).toFixed(1)}`;
    });
    this.#line.setAttribute("points", points.join(" "));
  }
}
