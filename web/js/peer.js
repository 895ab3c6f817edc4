/** One WebRTC connection: the offer, the answer, the stream, and the facts when it fails. */

import { candidateAddresses, candidateTypes, iceProblem, Problem } from "./diagnose.js";
import { until } from "./wait.js";

/** With a host candidate in hand, more gathering is not worth a longer wait. */
const GATHER_MS = 300;
/** A relay's address has to be in the offer: where both sides need one, each must know the other's. */
const GATHER_RELAY_MS = 1500;
const GATHER_ANY_MS = 3000;
const CONNECT_MS = 12_000;
/** A link that is merely "disconnected" often comes back by itself. */
const GRACE_MS = 3000;

export class Peer {
  stream = new MediaStream();
  sessionid = "";
  relayErrors = /** @type {string[]} */ ([]);
  remoteAddresses = /** @type {string[]} */ ([]);
  remoteTypes = /** @type {string[]} */ ([]);
  relays;
  /** @type {RTCRtpTransceiver | null} */
  #sound = null;

  /** @param {RTCIceServer[]} iceServers */
  constructor(iceServers) {
    this.relays = iceServers.flatMap(({ urls }) => urls).filter((url) => /^turns?:/.test(url));
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.pc.addEventListener("track", (event) => this.#onTrack(event));
    this.pc.addEventListener("icecandidateerror", (event) => {
      if (/^turns?:/.test(event.url)) this.relayErrors.push(`${event.errorCode} ${event.errorText}`.replace(/[\s.]+$/, ""));
    });
  }

  /**
   * What we would like to receive, and where.
   * @param {AbortSignal} signal
   * @param {boolean} hears a microphone may be switched on later
   * @returns {Promise<RTCSessionDescription>}
   * @throws {Problem} when there is no address to offer
   */
  async offer(signal, hears) {
    const { pc } = this;
    pc.addTransceiver("video", { direction: "recvonly" });
    this.#sound = pc.addTransceiver("audio", { direction: hears ? "sendrecv" : "recvonly" });
    await pc.setLocalDescription();
    await this.#gather(signal);
    const nowhere = pc.iceGatheringState === "complete" && !this.localTypes().length;
    if (nowhere && !signal.aborted) throw this.#whyNot();
    return /** @type {RTCSessionDescription} */ (pc.localDescription);
  }

  /**
   * Connect to what the server answered.
   * @param {{sdp: string, sessionid: string}} answer
   * @param {AbortSignal} signal
   * @throws {Problem} naming what is in the way
   */
  async accept(answer, signal) {
    const { pc } = this;
    this.sessionid = answer.sessionid;
    this.remoteAddresses = candidateAddresses(answer.sdp);
    this.remoteTypes = candidateTypes(answer.sdp);
    await this.#take(answer.sdp);
    const settled = () => pc.connectionState === "connected" || pc.connectionState === "failed";
    await until(pc, ["connectionstatechange"], settled, CONNECT_MS, signal);
    if (pc.connectionState !== "connected" && !signal.aborted) throw this.#whyNot();
  }

  /**
   * Resolve when the connection is lost for good.
   * @param {AbortSignal} signal
   */
  async lost(signal) {
    const { pc } = this;
    const states = ["connectionstatechange"];
    while (!signal.aborted) {
      await until(pc, states, () => pc.connectionState !== "connected", 2 ** 30, signal);
      const back = () => pc.connectionState === "connected";
      const gone = () => pc.connectionState === "failed" || pc.connectionState === "closed";
      await until(pc, states, () => back() || gone(), GRACE_MS, signal);
      if (!back()) return;
    }
  }

  close() {
    this.pc.close();
  }

  /** Send a microphone's sound, or nothing; needs no new offer. @param {MediaStreamTrack | null} track */
  async speak(track) {
    if (this.#sound?.direction !== "sendrecv" || this.pc.signalingState === "closed") return;
    await this.#sound.sender.replaceTrack(track).catch(() => undefined); // closed at this very moment
  }

  /** Our own candidates' kinds, as far as they are known by now. */
  localTypes() {
    return candidateTypes(this.pc.localDescription?.sdp);
  }

  /** @param {AbortSignal} signal */
  async #gather(signal) {
    const { pc } = this;
    const events = ["icecandidate", "icegatheringstatechange"];
    const complete = () => pc.iceGatheringState === "complete";
    const enough = () => complete() || this.localTypes().includes("relay");
    const gathered = this.relays.length
      ? until(pc, events, enough, GATHER_RELAY_MS, signal)
      : until(pc, events, complete, GATHER_MS, signal);
    if (await gathered) return;
    await until(pc, events, () => complete() || this.localTypes().length > 0, GATHER_ANY_MS, signal);
  }

  /** @param {string} sdp */
  async #take(sdp) {
    const refused = /^m=video 0 /m.test(sdp);
    if (refused) throw new Problem("no_codec", { codecs: "–" });
    try {
      await this.pc.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      throw new Problem("bad_answer", { message: String(error) });
    }
  }

  /** @param {RTCTrackEvent} event */
  #onTrack({ track, receiver }) {
    this.stream.addTrack(track);
    const hints = /** @type {any} */ (receiver); // not in every browser, nor in every type library
    if ("jitterBufferTarget" in hints) hints.jitterBufferTarget = 0;
    else if ("playoutDelayHint" in hints) hints.playoutDelayHint = 0;
  }

  #whyNot() {
    return iceProblem({
      localTypes: this.localTypes(),
      remoteAddresses: this.remoteAddresses,
      remoteTypes: this.remoteTypes,
      relays: this.relays,
      relayErrors: this.relayErrors,
      pageHost: location.hostname,
      throughIce: ["connected", "completed"].includes(this.pc.iceConnectionState),
    });
  }
}
