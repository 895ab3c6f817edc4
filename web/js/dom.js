/** Small helpers around the DOM; user text only ever becomes a text node. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with this id, which index.html promises to have.
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return /** @type {T} */ (/** @type {unknown} */ (element));
}

/**
 * A new element with a class and children; strings become text nodes.
 * @param {string} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * An icon of the symbol sheet in index.html.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  setIcon(svg, name);
  return svg;
}

/**
 * Show another symbol in an icon.
 * @param {Element} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.replaceChildren(use);
}

/**
 * Text in which `this` is to be typed by somebody, such as an option of a command.
 * @param {string} text
 * @returns {Node[]}
 */
export function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", "", part) : document.createTextNode(part)));
}

/**
 * Mark a button as of use just now, or not: it stays where it is, and so does the keyboard that pressed it.
 * @param {HTMLElement} button
 * @param {boolean} useful
 */
export function allow(button, useful) {
  button.setAttribute("aria-disabled", String(!useful));
}

/**
 * Act when a button is pressed that is of use.
 * @param {HTMLElement} button
 * @param {() => void} act
 */
export function onPress(button, act) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") act();
  });
}

/**
 * Have these children in this order; the keyboard keeps its place where that is among them.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} children
 */
export function arrange(list, children) {
  if (children.length === list.children.length && children.every((one, place) => list.children[place] === one)) return;
  const focused = document.activeElement;
  list.replaceChildren(...children);
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
}

/** @returns {boolean} whether the person asked for little movement */
export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
