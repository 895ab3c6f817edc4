/** The facts of a failed connection as text, for whoever is asked for help. */

import { inspectBrowser } from "./diagnose.js";
import { t } from "./i18n.js";
import { tell } from "./notice.js";

/**
 * Copy a report to the clipboard. It holds no token, no text that was spoken, no relay password.
 * @param {import("./link.js").Link} link
 * @param {import("./api.js").Body} config
 */
export async function writeReport(link, config) {
  const { peer, state } = link;
  const { webrtc, secure, codecs } = inspectBrowser();
  const facts = {
    problem: state.problem?.code,
    values: state.problem?.values,
    server: { origin: location.origin, version: config.version ?? null },
    browser: { agent: navigator.userAgent, webrtc, secure, codecs, online: navigator.onLine },
    ice: peer && {
      connection: peer.pc.connectionState,
      ice: peer.pc.iceConnectionState,
      gathering: peer.pc.iceGatheringState,
      local: peer.localTypes(),
      remote: peer.remoteAddresses,
      remoteTypes: peer.remoteTypes,
      relays: peer.relays,
      relayErrors: peer.relayErrors,
    },
  };
  try {
    await navigator.clipboard.writeText(JSON.stringify(facts, null, 2));
    tell(t("problem.copied"));
  } catch {
    tell(t("problem.not_copied")); // plain http, or not allowed
  }
}
