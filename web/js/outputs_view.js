/** The list of where else this face goes, a switch each. */

import { byId, make } from "./dom.js";
import { count, onLanguage, t } from "./i18n.js";

/**
 * @typedef {object} Row
 * @property {HTMLElement} card
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} word
 * @property {HTMLElement} detail
 * @property {HTMLElement} counts
 */

export class OutputsView {
  #outputs;
  #link;
  /** @type {Map<string, Row>} by name; kept as they are, so that the keyboard keeps its place */
  #rows = new Map();

  /**
   * @param {import("./outputs.js").Outputs} outputs
   * @param {import("./link.js").Link} link
   * @param {(message: string) => void} tell a short notice
   */
  constructor(outputs, link, tell) {
    this.#outputs = outputs;
    this.#link = link;
    outputs.addEventListener("change", () => this.#render());
    outputs.addEventListener("news", (event) => tell(/** @type {CustomEvent<string>} */ (event).detail));
    link.addEventListener("state", () => this.#render());
    onLanguage(() => this.#render());
    let inSight = false;
    const look = () => outputs.look(document.hidden ? "nothing" : inSight ? "list" : "page");
    new IntersectionObserver((changes) => {
      inSight = changes[changes.length - 1].isIntersecting;
      look();
    }).observe(byId("outputs"));
    document.addEventListener("visibilitychange", look);
  }

  /** What this server has. @param {unknown} names */
  offer(names) {
    const offered = Array.isArray(names) ? names.map(String) : [];
    this.#rows = new Map(offered.map((name, place) => [name, row(name, `output-${place}`)]));
    for (const [name, { button }] of this.#rows) button.addEventListener("click", () => this.#outputs.toggle(name));
    byId("output-list").replaceChildren(...[...this.#rows.values()].map(({ card }) => card));
    byId("outputs").hidden = !offered.length;
    this.#outputs.offer(offered.length > 0);
    this.#render();
  }

  /** Lead the keyboard, and the eye with it, to a switch; to the list where it cannot be pressed. @param {string} name */
  lead(name) {
    const button = this.#rows.get(name)?.button;
    (button && !button.disabled ? button : byId("outputs")).focus();
  }

  #render() {
    const connected = this.#link.state.name === "connected";
    const { running, awaited, refused } = this.#outputs;
    for (const [name, { card, button, word, detail, counts }] of this.#rows) {
      const now = running.findLast(({ output }) => output === name);
      const state = awaited.get(name) ?? now?.state ?? (refused.has(name) ? "refused" : "off");
      card.dataset.state = state;
      button.disabled = !connected;
      button.setAttribute("aria-disabled", String(awaited.has(name)));
      button.setAttribute("aria-checked", String(!["off", "refused", "stopping"].includes(state)));
      write(word, t(`output.state.${state}`));
      write(detail, awaited.has(name) ? "" : (now?.detail ?? refused.get(name) ?? ""));
      write(counts, now ? counted(now).join("\u2003") : "");
    }
    const key = running.length ? (connected ? "output.holds" : "output.left") : connected ? "output.about" : "output.idle";
    write(byId("outputs-about"), t(key));
  }
}

/**
 * @param {string} name
 * @param {string} id
 * @returns {Row}
 */
function row(name, id) {
  const button = /** @type {HTMLButtonElement} */ (make("button", "flip", make("span", "track")));
  Object.assign(button, { id, type: "button" });
  button.setAttribute("role", "switch");
  button.setAttribute("aria-describedby", `${id}-how ${id}-counts`);
  const label = make("label", "output-name", make("bdi", "", name));
  label.setAttribute("for", id);
  const [word, detail] = [make("span", "output-word"), make("bdi", "output-detail")];
  const how = make("p", "output-how", word, detail);
  how.id = `${id}-how`;
  how.setAttribute("role", "status"); // the counts stay outside: they change too often to be read out
  const counts = make("p", "output-counts number");
  counts.id = `${id}-counts`;
  return { card: make("li", "output", label, button, how, counts), button, word, detail, counts };
}

/** @param {import("./outputs.js").Running} running */
function counted({ dropped, reconnects }) {
  const told = [];
  if (dropped) told.push(t("output.dropped", { count: count(dropped) }));
  if (reconnects) told.push(t("output.reconnects", { count: count(reconnects) }));
  return told;
}

/**
 * Only what changed: a screen reader reads out what is written.
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
