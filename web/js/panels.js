/** The latency panel and the connection panel. */

import { copyTextOf } from "./copy.js";
import { byId, make } from "./dom.js";
import { formatMs, has, onLanguage, t } from "./i18n.js";
import { Spark } from "./spark.js";
import { waterfall } from "./waterfall.js";

/** @typedef {import("./stats.js").Sample} Sample */

const TURNS_SHOWN = 8;

/**
 * Show the times of the turns.
 * @param {import("./latency.js").LatencyBook} book
 */
export function showLatency(book) {
  const list = byId("turns");
  const render = () => {
    byId("latency-median").textContent = formatMs(book.medianMs);
    byId("latency-stop").textContent = formatMs(book.stopMs);
    byId("latency-connect").textContent = formatMs(book.connectMs);
    const turns = book.turns.slice(-TURNS_SHOWN).reverse();
    byId("turns-none").hidden = turns.length > 0;
    list.replaceChildren(...turns.map(waterfall));
  };
  book.addEventListener("change", render);
  onLanguage(render);
  render();
}

/**
 * Show what the browser measures.
 * @param {import("./link.js").Link} link
 */
export function showConnection(link) {
  const sparks = {
    rtt: new Spark(byId("spark-rtt")), kbps: new Spark(byId("spark-kbps")), fps: new Spark(byId("spark-fps")),
  };
  /** @type {Sample | null} */
  let latest = null;
  const render = () => {
    byId("value-rtt").textContent = formatMs(latest?.rttMs);
    byId("value-kbps").textContent = rate(latest?.kbps ?? null);
    byId("value-fps").textContent = latest?.fps === null || !latest ? "–" : latest.fps.toFixed(0);
    byId("facts").replaceChildren(...facts(latest).flatMap(([label, value, mood]) => [
      make("dt", "", label), make("dd", mood, value),
    ]));
  };
  link.addEventListener("sample", (event) => {
    latest = /** @type {CustomEvent<Sample>} */ (event).detail;
    sparks.rtt.push(latest.rttMs);
    sparks.kbps.push(latest.kbps);
    sparks.fps.push(latest.fps);
    render();
  });
  link.addEventListener("state", () => {
    if (link.state.name !== "connected") latest = null;
    byId("session-id").textContent = link.sessionid;
    byId("session").hidden = !link.sessionid;
    render();
  });
  byId("session-copy").addEventListener("click", () => copyTextOf(byId("session-id")));
  onLanguage(render);
  render();
}

/**
 * @param {Sample | null} now
 * @returns {[string, string, "good" | "fair" | "poor" | ""][]} label, value, mood
 */
function facts(now) {
  const loss = now?.lossShare ?? null;
  return [
    [t("fact.ice"), now ? worded("ice", now.ice) : "–", now ? mood(["connected", "completed"].includes(now.ice) ? 0 : 2, 1, 2) : ""],
    [t("fact.pair"), now?.path ? route(now.path) : "–", ""],
    [t("fact.codec"), now?.codec ?? "–", ""],
    [t("fact.size"), now?.size ?? "–", ""],
    [t("fact.loss"), loss === null ? "–" : `${(loss * 100).toFixed(1)} %`, mood(loss, 0.01, 0.05)],
    [t("fact.jitter"), formatMs(now?.jitterMs), mood(now?.jitterMs ?? null, 20, 60)],
    [t("fact.buffer"), formatMs(now?.bufferMs), mood(now?.bufferMs ?? null, 120, 300)],
    [t("fact.freezes"), now ? String(now.freezes) : "–", mood(now?.freezes ?? null, 1, 5)],
  ];
}

/**
 * A name of the browser's in the page's language; one that we have no words for stays as it is.
 * @param {"ice" | "candidate"} kind
 * @param {string} name
 */
function worded(kind, name) {
  const key = `${kind}.${name}`;
  return has(key) ? t(key) : name || "?";
}

/** @param {import("./stats.js").Path} path */
function route({ local, remote, protocol }) {
  return `${worded("candidate", local)} → ${worded("candidate", remote)} ${protocol}`.trim();
}

/**
 * @param {number | null} value
 * @param {number} fair from here on it may be noticed
 * @param {number} poor from here on it disturbs
 */
function mood(value, fair, poor) {
  if (value === null) return "";
  if (value >= poor) return "poor";
  return value >= fair ? "fair" : "good";
}

/** @param {number | null} kbps */
function rate(kbps) {
  if (kbps === null) return "–";
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mb/s` : `${Math.round(kbps)} kb/s`;
}
