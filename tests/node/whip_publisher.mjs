// A WHIP publisher of werift's: sends a file of Opus packets, each with two bytes of its length before it, in real
// time, silence between two rounds. Arguments: endpoint, file, whether pictures are offered too ("video"), token.
import fs from "node:fs";
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from "werift";

const [endpoint, file, kinds, token] = process.argv.slice(2);
const packets = [];
const content = fs.readFileSync(file);
for (let at = 0; at < content.length; at += 2 + content.readUInt16BE(at)) {
  packets.push(content.subarray(at + 2, at + 2 + content.readUInt16BE(at)));
}

const codecs = {
  audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
  video: [new RTCRtpCodecParameters({ mimeType: "video/VP8", clockRate: 90000 })],
};
const connection = new RTCPeerConnection({ codecs, iceServers: [] });
const track = new MediaStreamTrack({ kind: "audio" });
if (kinds === "video") connection.addTransceiver(new MediaStreamTrack({ kind: "video" }), { direction: "sendonly" });
const { sender } = connection.addTransceiver(track, { direction: "sendonly" });
await connection.setLocalDescription(await connection.createOffer());
while (connection.iceGatheringState !== "complete") await connection.iceGatheringStateChange.asPromise();

const headers = { "Content-Type": "application/sdp", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
const response = await fetch(endpoint, { method: "POST", headers, body: connection.localDescription.sdp });
const body = await response.text();
console.log(response.status);
if (response.status !== 201) process.exit(0);
await connection.setRemoteDescription({ type: "answer", sdp: body });
if (connection.connectionState !== "connected") {
  await connection.connectionStateChange.watch((state) => state === "connected");
}
console.log("connected");

const began = performance.now();
let sent = 0;
const sending = setInterval(() => {
  while (began + sent * 20 <= performance.now()) {
    const header = new RtpHeader({
      payloadType: sender.codec.payloadType,
      sequenceNumber: sent & 0xffff,
      timestamp: (sent * 960) >>> 0,
      ssrc: 1,
      marker: sent === 0,
    });
    track.writeRtp(new RtpPacket(header, packets[sent % packets.length]));
    sent += 1;
  }
}, 5);

for await (const _ of process.stdin) break; // a line ends it
clearInterval(sending);
const location = new URL(response.headers.get("location"), endpoint);
const left = await fetch(location, { method: "DELETE", headers });
console.log(left.status);
process.exit(0);
