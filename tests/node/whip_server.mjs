// A WHIP server of werift's: takes publishers, and counts what they send. Prints its port.
// The path says how it behaves: /whip/{live,relative,redirect,far,denied,gone,busy,deaf,nonsense}.
import http from "node:http";
import { RTCPeerConnection, RTCRtpCodecParameters } from "werift";

const TOKEN = "the token";
const seen = { posts: [], deletes: [], kinds: {} };
let busy = 1;

const feedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }, { type: "goog-remb" }];
const codecs = {
  audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
  video: [
    new RTCRtpCodecParameters({
      mimeType: process.argv[3] ?? "video/VP8",
      clockRate: 90000,
      rtcpFeedback: feedback,
      parameters: process.argv[3] === "video/H264" ? "packetization-mode=1;profile-level-id=42e01f" : undefined,
    }),
  ],
};

function count(track) {
  const kind = (seen.kinds[track.kind] ??= { packets: 0, bytes: 0, steps: {}, last: null });
  kind.codec = track.codec?.mimeType;
  track.onReceiveRtp.subscribe((packet) => {
    const { timestamp } = packet.header;
    kind.packets += 1;
    kind.bytes += packet.payload.length;
    if (kind.last !== null && timestamp !== kind.last) {
      const step = (timestamp - kind.last) | 0;
      kind.steps[step] = (kind.steps[step] ?? 0) + 1;
    }
    kind.last = timestamp;
  });
}

async function answer(offer) {
  const connection = new RTCPeerConnection({ codecs, iceServers: [] });
  connection.onTrack.subscribe(count);
  await connection.setRemoteDescription({ type: "offer", sdp: offer });
  await connection.setLocalDescription(await connection.createAnswer());
  while (connection.iceGatheringState !== "complete") await connection.iceGatheringStateChange.asPromise();
  return connection.localDescription.sdp;
}

async function post(request, response, body) {
  const { port } = server.address();
  const behaviour = request.url.split("/")[2];
  const { authorization, host } = request.headers;
  seen.posts.push({ path: request.url, authorization, host, type: request.headers["content-type"], offer: body });
  const say = (status, headers = {}, text = "") => response.writeHead(status, headers).end(text);
  if (behaviour === "hang") return;
  if (behaviour === "redirect") return say(307, { Location: "live" });
  if (behaviour === "far") return say(308, { Location: `http://localhost:${port}/whip/live` });
  if (behaviour === "round") return say(307, { Location: "/whip/round2" });
  if (behaviour === "round2") return say(307, { Location: "/whip/round" });
  if (behaviour === "denied" || (behaviour === "private" && authorization !== `Bearer ${TOKEN}`)) return say(401);
  if (behaviour === "gone") return say(404);
  if (behaviour === "busy" && busy-- > 0) return say(503, { "Retry-After": "1" });
  if (behaviour === "broken" && busy-- > 0) return say(500);
  if (behaviour === "nonsense") return say(201, { "Content-Type": "application/sdp" }, "v=0\r\nnonsense\r\n");
  const sdp = await answer(body);
  const resource = behaviour === "relative" ? "../resource/1" : `http://${host}/resource/1`;
  const link = '<stun:127.0.0.1:9>; rel="ice-server", <https://example.net>; rel="next"';
  say(201, { "Content-Type": "application/sdp", Location: resource, Link: link, ETag: '"1"' }, sdp);
}

const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  if (request.method === "GET") return response.end(JSON.stringify(seen));
  if (request.method === "DELETE") {
    seen.deletes.push({ path: request.url, authorization: request.headers.authorization });
    return response.end();
  }
  return post(request, response, body);
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(server.address().port));
