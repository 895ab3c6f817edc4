/** The times of one turn as a waterfall: each step begins where the one before it ended. */

import { icon, make } from "./dom.js";
import { formatMs, has, t } from "./i18n.js";

/** @typedef {import("./latency.js").Turn} Turn */
/** @typedef {{label: string, ms: number | null, kind: string, from: number}} Step */

/** The server's steps in their order; others that it names come after them. */
const ORDER = [
  "recognised_ms", "first_token_ms", "first_sentence_ms", "first_audio_ms", "first_lip_ms", "first_played_ms",
];
/** The scale ends no sooner, or quick turns would look like slow ones. */
const SCALE_MS = 200;

/**
 * The steps of a turn; `ms` is when a step was done, `from` when it began.
 * @param {Turn} turn
 * @returns {Step[]}
 */
export function steps(turn) {
  /** @type {Step[]} */
  const found = turn.voice ? [] : [{ label: t("latency.accepted"), ms: turn.acceptedMs, kind: "here", from: 0 }];
  const place = (/** @type {string} */ name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  let from = 0; // the server works while its answer to the request is on its way, so that comes before nothing
  for (const [name, ms] of Object.entries(turn.server).sort(([one], [other]) => place(one) - place(other))) {
    found.push({ label: serverLabel(name), ms, kind: "server", from: Math.min(from, ms) });
    from = Math.max(from, ms);
  }
  if (turn.audible) found.push({ label: t("latency.heard"), ms: turn.heardMs, kind: "here heard", from: Math.min(from, turn.heardMs ?? from) });
  return found;
}

/**
 * @param {Turn} turn
 * @returns {HTMLElement}
 */
export function waterfall(turn) {
  const all = steps(turn);
  const scale = Math.max(SCALE_MS, ...all.map(({ ms }) => ms ?? 0));
  const label = make("p", "turn-label", ...(turn.voice ? [icon("mic")] : []), make("span", "", turn.label || t("tab.talk")));
  const since = make("p", "turn-note", t(turn.voice ? "latency.spoken" : "latency.typed"));
  const note = turn.audible ? [] : [make("p", "turn-note", t("latency.not_told"))];
  return make("li", "turn", label, since, ...all.map((step) => bar(step, scale)), ...note);
}

/**
 * @param {Step} step
 * @param {number} scale ms of the whole width
 */
function bar({ label, ms, kind, from }, scale) {
  const fill = make("span", "bar-fill");
  if (ms === null) fill.hidden = true;
  fill.style.setProperty("--begin", String(Math.max(0, from) / scale));
  fill.style.setProperty("--share", String(Math.max(0, (ms ?? 0) - from) / scale));
  return make(
    "div", `bar ${kind}`,
    make("span", "bar-label", label), make("span", "bar-track", fill), make("span", "bar-value", formatMs(ms)),
  );
}

/**
 * A label for a number of the server; one that we have no words for shows its name.
 * @param {string} name
 */
function serverLabel(name) {
  const key = `latency.server.${name}`;
  return has(key) ? t(key) : name.replace(/_ms$/, "").replaceAll("_", " ");
}
