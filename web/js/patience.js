/** Patience with a connection: which troubles pass by themselves, and how long to wait for that. */

const BACKOFF_MS = [300, 1000, 2000, 4000, 8000, 15_000];
/** Attempts to get a broken conversation back before the page asks the person. */
const PATIENCE = 10;
/** Worth trying again without anybody doing anything, even if it never worked before. */
const PASSING = new Set(["server_unreachable", "server_full", "server_error", "offline"]);
/** Only a person can change these. */
const FINAL = new Set(["token_missing", "token_wrong", "forbidden", "insecure", "no_webrtc", "no_codec", "rejected", "session_over"]);

/**
 * How long to wait before another attempt; null to leave it to the person.
 * @param {import("./diagnose.js").Problem} problem
 * @param {number} attempt counted from 0 since it last worked
 * @param {boolean} worked
 * @param {boolean} tireless nobody is there to be asked
 * @returns {number | null}
 */
export function delayMs(problem, attempt, worked, tireless) {
  if (FINAL.has(problem.code)) return null;
  if (!tireless && (attempt >= PATIENCE || (!worked && !PASSING.has(problem.code)))) return null;
  if (problem.retryAfterS !== null) return problem.retryAfterS * 1000;
  const base = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)];
  return worked ? base : Math.max(base, 2000);
}
