/** What a maker may choose beyond a clip and a name: built of a table, told as the difference to what is usual. */

import { byId, icon, make } from "../dom.js";
import { onLanguage, t } from "../i18n.js";

/**
 * @typedef {object} Field
 * @property {string} [part] of the recipe it belongs to; none for the recipe itself
 * @property {string} name
 * @property {boolean | number | string} usual
 * @property {(string | number)[]} [options] to choose from
 * @property {[number, number, number]} [range] least, most, step
 * @property {string} [pattern] of a text
 * @property {"clip" | "photo"} [only] what it is for
 * @property {string} [version] of MuseTalk's networks that it is for
 */

/** @type {Record<string, Field[]>} */
const GROUPS = {
  picture: [
    { name: "size", usual: 720, options: [360, 480, 720, 1080, 1440, 2048] },
    { name: "face", usual: 1, range: [1, 20, 1] },
    { name: "loop", usual: "auto", options: ["auto", "cycle", "pingpong"], only: "clip" },
    { name: "idle_motion", usual: true, only: "photo" },
    { name: "cut_out", usual: "alpha", options: ["no", "alpha", "key", "person", "auto"] },
    { name: "background", usual: "", pattern: "#[0-9a-fA-F]{6}" },
  ],
  steady: [
    { part: "steady", name: "smooth", usual: true },
    { part: "steady", name: "cutoff_hz", usual: 1, range: [0.1, 12, 0.1] },
    { part: "steady", name: "beta", usual: 0.5, range: [0, 10, 0.1] },
    { part: "steady", name: "flow", usual: true },
    { part: "steady", name: "lock_scale", usual: true },
  ],
  musetalk: [
    { part: "musetalk", name: "version", usual: "v15", options: ["v15", "v10"] },
    { part: "musetalk", name: "bbox_shift", usual: 0, range: [-50, 50, 1], version: "v10" },
    { part: "musetalk", name: "extra_margin", usual: 10, range: [0, 100, 1], version: "v15" },
    { part: "musetalk", name: "parsing_mode", usual: "jaw", options: ["jaw", "raw", "neck"], version: "v15" },
    { part: "musetalk", name: "left_cheek_width", usual: 90, range: [0, 256, 1], version: "v15" },
    { part: "musetalk", name: "right_cheek_width", usual: 90, range: [0, 256, 1], version: "v15" },
    { part: "musetalk", name: "box", usual: "turned", options: ["turned", "upright"] },
    { part: "musetalk", name: "blend", usual: "feather", options: ["feather", "poisson"] },
  ],
  origin: [
    { name: "credit", usual: "" },
    { name: "licence", usual: "" },
  ],
};
const LONGEST_NOTE = 200;
export const FIELDS = Object.values(GROUPS).flat();

/** A group that has much of its own, and a preview: folded within the others. */
const FOLDED = "musetalk";

export class RecipeForm {
  /** @type {Map<Field, HTMLInputElement | HTMLSelectElement>} */
  #controls = new Map(FIELDS.map((field) => [field, control(field)]));
  #kind = "";

  constructor() {
    const more = /** @type {HTMLDetailsElement} */ (byId("more"));
    const root = byId("more-fields");
    for (const [group, fields] of Object.entries(GROUPS)) {
      const shown = this.#group(group, fields);
      root.append(group === FOLDED ? folded(group, shown) : shown);
    }
    root.addEventListener("input", () => this.#fit());
    more.addEventListener("invalid", ({ target }) => reveal(/** @type {Element} */ (target)), true);
    byId("more-usual").addEventListener("click", () => this.reset());
    onLanguage(() => this.#name());
    this.#name();
    this.#fit();
  }

  /** Ask for what can be chosen of this. @param {import("./footage.js").Footage["kind"]} kind */
  offer(kind) {
    this.#kind = kind;
    this.#fit();
  }

  /** Everything as it usually is. */
  reset() {
    for (const [field, one] of this.#controls) {
      if (one.type === "checkbox") /** @type {HTMLInputElement} */ (one).checked = Boolean(field.usual);
      else one.value = String(field.usual);
    }
    this.#fit();
  }

  /** What is not as usual. */
  get recipe() {
    /** @type {Record<string, any>} */
    const recipe = {};
    for (const [field, one] of this.#controls) {
      const value = valueOf(field, one);
      if (one.disabled || value === field.usual) continue;
      const part = field.part ? (recipe[field.part] ??= {}) : recipe;
      part[field.name] = value;
    }
    return recipe;
  }

  /** What does not belong to what was chosen, or to each other, cannot be chosen. */
  #fit() {
    const version = [...this.#controls].find(([{ name }]) => name === "version")?.[1].value;
    for (const [field, one] of this.#controls) {
      const elsewhere = field.only !== undefined && (field.only === "clip") !== (this.#kind !== "photo");
      /** @type {HTMLElement} */ (one.closest(".field")).hidden = elsewhere;
      one.disabled = elsewhere || (field.version !== undefined && field.version !== version);
    }
    byId("more-usual").hidden = !Object.keys(this.recipe).length;
  }

  /**
   * @param {string} group
   * @param {Field[]} fields
   */
  #group(group, fields) {
    const legend = make("legend");
    legend.dataset.t = `recipe.group.${group}`;
    const about = make("p", "quiet");
    about.dataset.t = `recipe.group.${group}.about`;
    const rows = fields.map((field) => row(field, /** @type {HTMLElement} */ (this.#controls.get(field))));
    return make("fieldset", "recipe-group", legend, about, ...rows);
  }

  #name() {
    for (const one of byId("more-fields").querySelectorAll("[data-t]")) {
      one.textContent = t(/** @type {HTMLElement} */ (one).dataset.t ?? "");
    }
    for (const [field, one] of this.#controls) {
      if (!(one instanceof HTMLSelectElement)) continue;
      for (const option of one.options) option.text = optionText(field, option.value);
    }
  }
}

/**
 * @param {string} group
 * @param {HTMLElement} shown
 */
function folded(group, shown) {
  const words = make("span");
  words.dataset.t = `recipe.group.${group}`;
  const part = make("details", "more-part", make("summary", "", words, icon("down")), byId("control-preview"), shown);
  part.id = `more-${group}`;
  shown.querySelector("legend")?.classList.add("unseen"); // it stands above
  return part;
}

/** Unfold what a control lies in, or nobody would see what is wrong with it. @param {Element} control */
function reveal(control) {
  for (let fold = control.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
}

/**
 * @param {Field} field
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
function control(field) {
  const { name, usual, options, range, pattern = "" } = field;
  const id = `recipe-${name}`;
  if (options) {
    const select = /** @type {HTMLSelectElement} */ (make("select"));
    select.append(...options.map((option) => new Option(String(option), String(option), option === usual, option === usual)));
    return Object.assign(select, { id });
  }
  const input = /** @type {HTMLInputElement} */ (make("input"));
  if (typeof usual === "boolean") return Object.assign(input, { id, type: "checkbox", checked: usual });
  if (pattern) input.pattern = pattern;
  if (!range) return Object.assign(input, { id, type: "text", maxLength: LONGEST_NOTE });
  const [min, max, step] = range;
  return Object.assign(input, { id, type: "number", inputMode: "decimal", required: true, min, max, step, value: usual });
}

/**
 * @param {Field} field
 * @param {HTMLElement} one its control
 */
function row({ name }, one) {
  const words = make("span", "field-name");
  words.dataset.t = `recipe.${name}`;
  const about = make("p", "quiet field-about");
  about.id = `${one.id}-about`;
  about.dataset.t = `recipe.${name}.about`;
  one.setAttribute("aria-describedby", about.id);
  const flips = one instanceof HTMLInputElement && one.type === "checkbox";
  const shown = flips ? make("span", "flip-box", one, make("span", "track")) : boxed(one);
  return make("div", flips ? "field flips" : "field", make("label", "field-row", words, shown), about);
}

/** @param {HTMLElement} one */
function boxed(one) {
  return one instanceof HTMLSelectElement ? make("span", "select", one, icon("down")) : one;
}

/**
 * @param {Field} field
 * @param {string} value
 */
function optionText({ name }, value) {
  return name === "size" ? t("recipe.size.pixels", { pixels: value }) : t(`recipe.${name}.${value}`);
}

/**
 * @param {Field} field
 * @param {HTMLInputElement | HTMLSelectElement} one
 */
function valueOf({ usual }, one) {
  if (typeof usual === "boolean") return /** @type {HTMLInputElement} */ (one).checked;
  return typeof usual === "number" ? Number(one.value) : one.value.trim();
}
