/** Why there is no conversation: facts in, one named problem out. The words for it are in lang/. */

import { ApiError, Unreachable } from "./api.js";

/** Something that keeps people from talking; `code` picks the texts problem.<code>.title, .why and .fix. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {Record<string, string | number>} [values] what the texts mention
   * @param {number | null} [retryAfterS] when the server says to come back
   */
  constructor(code, values = {}, retryAfterS = null) {
    super(code);
    this.code = code;
    this.values = values;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * What the browser itself lacks.
 * @param {{webrtc: boolean, secure: boolean, codecs: string[] | null}} browser
 *   codecs: names like "H264"; null where the browser does not tell
 * @returns {Problem | null}
 */
export function browserProblem({ webrtc, secure, codecs }) {
  if (!webrtc) return new Problem(secure ? "no_webrtc" : "insecure");
  if (codecs && !codecs.some((codec) => codec === "H264" || codec === "VP8")) {
    return new Problem("no_codec", { codecs: codecs.join(", ") || "–" });
  }
  return null;
}

/** The facts of this browser, for browserProblem. */
export function inspectBrowser() {
  const webrtc = typeof RTCPeerConnection === "function";
  const list = webrtc ? globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs : null;
  const codecs = list ? [...new Set(list.map((codec) => codec.mimeType.replace("video/", "")))] : null;
  return { webrtc, secure: isSecureContext, codecs };
}

/**
 * A call to the server that failed.
 * @param {unknown} error
 * @param {{token: boolean, online: boolean, origin: string}} here
 * @returns {Problem}
 */
export function callProblem(error, here) {
  if (error instanceof Problem) return error;
  if (error instanceof Unreachable) {
    return here.online ? new Problem("server_unreachable", { origin: here.origin }) : new Problem("offline");
  }
  if (!(error instanceof ApiError)) return new Problem("page_error", { message: String(error) });
  const host = new URL(here.origin).host;
  const values = { message: error.message, status: error.status, host };
  switch (error.status) {
    case 401:
      return new Problem(here.token ? "token_wrong" : "token_missing", values);
    case 403:
      return new Problem("forbidden", values);
    case 404:
      return new Problem("not_livetalk", values);
    case 429:
    case 503:
      return new Problem("server_full", values, error.retryAfterS ?? 5);
    default:
      return new Problem(error.status >= 500 ? "server_error" : "rejected", values);
  }
}

/**
 * @typedef {object} IceFacts
 * @property {string[]} localTypes kinds of our own candidates: host, srflx, relay
 * @property {string[]} remoteAddresses addresses of the server's candidates
 * @property {string[]} remoteTypes their kinds
 * @property {string[]} relays the configured turn: urls
 * @property {string[]} relayErrors what the relays answered, a code first: 4xx is a refusal, 701 no answer
 * @property {string} pageHost host name in the address bar
 * @property {boolean} throughIce packets came through, only the encryption was not agreed
 */

/**
 * Offer and answer are exchanged, yet no connection came about.
 * @param {IceFacts} facts
 * @returns {Problem}
 */
export function iceProblem(facts) {
  if (facts.throughIce) return new Problem("dtls");
  const withoutRelay = facts.relays.length > 0 && !facts.localTypes.includes("relay");
  if (!facts.localTypes.length) return withoutRelay ? relayProblem(facts) : new Problem("no_candidates");
  if (!facts.remoteAddresses.length) return new Problem("server_no_candidates");
  if (withoutRelay) return relayProblem(facts);
  const addresses = facts.remoteAddresses.join(", ");
  if (facts.relays.length) {
    const both = facts.remoteTypes.includes("relay");
    return new Problem(both ? "no_route_relay" : "server_no_relay", { addresses, relays: facts.relays.join(", ") });
  }
  const foreign = facts.remoteAddresses.every(isLoopback) && !isLoopback(facts.pageHost);
  return new Problem(foreign ? "loopback_only" : "no_route", { addresses });
}

/**
 * The relays gave this browser no address.
 * @param {IceFacts} facts
 */
function relayProblem({ relays, relayErrors }) {
  const refusals = relayErrors.filter((error) => /^4\d\d\b/.test(error));
  const said = [...new Set(refusals.length ? refusals : relayErrors)].join("; ");
  const values = { relays: relays.join(", "), error: said && ` (${said})` };
  return new Problem(refusals.length ? "turn_refused" : "turn_unreachable", values);
}

/**
 * Whether a connected session still shows something.
 * @param {{frames: number, sinceChangeMs: number}} picture frames decoded, and how long that number has stood
 * @returns {"fine" | "slow" | "none" | "stalled"}
 */
export function pictureHealth({ frames, sinceChangeMs }) {
  if (frames === 0) return sinceChangeMs > 6000 ? "none" : "fine";
  if (sinceChangeMs > 8000) return "stalled";
  return sinceChangeMs > 2500 ? "slow" : "fine";
}

/**
 * The addresses of an SDP's candidates.
 * @param {string} sdp
 * @returns {string[]}
 */
export function candidateAddresses(sdp) {
  const lines = sdp.match(/^a=candidate:.*$/gm) ?? [];
  return [...new Set(lines.map((line) => line.split(" ")[4]))];
}

/**
 * The kinds of an SDP's candidates: host, srflx, relay.
 * @param {string | undefined} sdp
 * @returns {string[]}
 */
export function candidateTypes(sdp) {
  const lines = sdp?.match(/^a=candidate:.* typ \w+/gm) ?? [];
  return [...new Set(lines.map((line) => line.slice(line.lastIndexOf(" ") + 1)))];
}

/** @param {string} host */
function isLoopback(host) {
  return /^(localhost|127\..*|\[?::1\]?)$/.test(host);
}
