/** What the browser measures about the connection, brought down to a few numbers. */

/**
 * @typedef {{local: string, remote: string, protocol: string}} Path kinds of both ends' candidates: host, srflx, relay
 *
 * @typedef {object} Sample
 * @property {number} at performance.now() of the measurement
 * @property {string} ice state of the ICE transport
 * @property {Path | null} path the candidates in use
 * @property {number | null} rttMs
 * @property {number | null} kbps picture and sound together
 * @property {number | null} fps
 * @property {string} codec
 * @property {string} size
 * @property {number | null} lossShare of all packets so far
 * @property {number | null} jitterMs of the picture's packets
 * @property {number | null} bufferMs how long sound waits in the receiver
 * @property {{seconds: number, samples: number}} buffered what bufferMs is the growth of
 * @property {number} frames decoded so far
 * @property {number} freezes
 * @property {number} bytes
 */

/**
 * Measure now; rates are since the sample before.
 * @param {RTCPeerConnection} pc
 * @param {Sample | null} before
 * @returns {Promise<Sample>}
 */
export async function sample(pc, before) {
  const report = await pc.getStats();
  const all = /** @type {any[]} */ ([...report.values()]);
  const video = all.find((entry) => entry.type === "inbound-rtp" && entry.kind === "video");
  const audio = all.find((entry) => entry.type === "inbound-rtp" && entry.kind === "audio");
  const pair = chosenPair(all, report);
  const at = performance.now();
  const bytes = (video?.bytesReceived ?? 0) + (audio?.bytesReceived ?? 0);
  const seconds = before ? (at - before.at) / 1000 : 0;
  const frames = video?.framesDecoded ?? 0;
  return {
    at,
    ice: pc.iceConnectionState,
    path: pathOf(pair, report),
    rttMs: milliseconds(pair?.currentRoundTripTime),
    kbps: before && seconds > 0 ? ((bytes - before.bytes) * 8) / 1000 / seconds : null,
    fps: before && seconds > 0 ? (frames - before.frames) / seconds : (video?.framesPerSecond ?? null),
    codec: codecName(video, report),
    size: video?.frameWidth ? `${video.frameWidth} × ${video.frameHeight}` : "–",
    lossShare: lossShare([video, audio]),
    jitterMs: milliseconds(video?.jitter),
    bufferMs: bufferMs(audio, before),
    buffered: { seconds: audio?.jitterBufferDelay ?? 0, samples: audio?.jitterBufferEmittedCount ?? 0 },
    frames,
    freezes: video?.freezeCount ?? 0,
    bytes,
  };
}

/**
 * @param {any[]} all
 * @param {RTCStatsReport} report
 */
function chosenPair(all, report) {
  const transport = all.find((entry) => entry.type === "transport");
  if (transport?.selectedCandidatePairId) return report.get(transport.selectedCandidatePairId);
  return all.find((entry) => entry.type === "candidate-pair" && (entry.selected || entry.nominated));
}

/**
 * @param {any} pair
 * @param {RTCStatsReport} report
 * @returns {Path | null}
 */
function pathOf(pair, report) {
  if (!pair) return null;
  const local = report.get(pair.localCandidateId);
  const remote = report.get(pair.remoteCandidateId);
  const protocol = (local?.relayProtocol ?? local?.protocol ?? "").toUpperCase();
  return { local: local?.candidateType ?? "", remote: remote?.candidateType ?? "", protocol };
}

/**
 * @param {any} video
 * @param {RTCStatsReport} report
 */
function codecName(video, report) {
  const codec = video?.codecId ? report.get(video.codecId) : null;
  return codec ? codec.mimeType.replace("video/", "") : "–";
}

/** @param {any[]} streams */
function lossShare(streams) {
  let lost = 0;
  let all = 0;
  for (const stream of streams) {
    lost += Math.max(0, stream?.packetsLost ?? 0);
    all += (stream?.packetsReceived ?? 0) + Math.max(0, stream?.packetsLost ?? 0);
  }
  return all ? lost / all : null;
}

/**
 * @param {any} audio
 * @param {Sample | null} before
 */
function bufferMs(audio, before) {
  const samples = (audio?.jitterBufferEmittedCount ?? 0) - (before?.buffered.samples ?? 0);
  const seconds = (audio?.jitterBufferDelay ?? 0) - (before?.buffered.seconds ?? 0);
  return samples > 0 ? (seconds / samples) * 1000 : null;
}

/** @param {number | undefined} seconds */
function milliseconds(seconds) {
  return seconds === undefined ? null : seconds * 1000;
}
