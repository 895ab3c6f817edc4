"""A peer: one browser that watches a session, from its offer to its leaving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from livetalk.errors import InvalidRequest, Unavailable, Unprocessable
from livetalk.metrics import Metrics
from livetalk.protocols import MediaSource, Tick, VideoCodec, VideoFormat
from livetalk.transports.webrtc.adaptation import Adaptation, ladder
from livetalk.transports.webrtc.ice import prepare, without_mdns
from livetalk.transports.webrtc.ice_servers import IceServers, first_relay
from livetalk.transports.webrtc.payloads import payloads
from livetalk.transports.webrtc.tracks import Outgoing, PacedSender, PacketTrack, SenderHooks
from livetalk.transports.webrtc.trickle import Fragment, ice_ufrag
from livetalk.transports.webrtc.trouble import tell_missing_relay, why_not_connected
from livetalk.types import CHUNKS_PER_FRAME, FPS, FRAME_S

logger = logging.getLogger(__name__)

SILENT_LIMIT_S = 15.0
"""a viewer that sends no report for so long is gone; they send one each second or so"""
VIDEO_CLOCK = 90_000
"""RTP ticks a second of any video"""
OPUS_CLOCK = 48_000
"""RTP ticks a second of Opus, whatever rate it encodes (RFC 7587)"""
OPUS_TICKS = OPUS_CLOCK // FPS // CHUNKS_PER_FRAME
"""of one packet"""
OPUS_LOOKAHEAD_S = 0.0025
"""how far decoded sound lags its timestamps in Opus' restricted low-delay mode (RFC 6716, 2.1.4)"""
MIME_TYPES: dict[VideoCodec, str] = {"h264": "video/H264", "vp8": "video/VP8"}


@dataclass(frozen=True, slots=True)
class PeerOptions:
    """How peers connect, and what they are sent at best."""

    codecs: Sequence[VideoCodec]
    """in order of preference"""
    video_bitrate: int
    """bit/s"""
    video_height: int | None
    """pixels to scale pictures to; None keeps the avatar's"""
    ice_servers: IceServers
    connect_limit_s: float


class Peer:
    """Sends what a session plays to one other side, until either ends it."""

    key_frame_s = None
    """key frames come on request"""

    def __init__(
        self,
        source: MediaSource,
        options: PeerOptions,
        metrics: Metrics,
        on_gone: Callable[[], object],
    ) -> None:
        self.wants_opus = False
        self._codec: VideoCodec = options.codecs[0]
        self._formats: Sequence[VideoFormat] = ()
        self._source = source
        self._options = options
        self._metrics = metrics
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._adaptation = Adaptation(self._loop.time())
        self._ice_servers = options.ice_servers.for_server()
        self._connection = RTCPeerConnection(RTCConfiguration(self._ice_servers))
        self._connection.on("connectionstatechange", self._on_state)
        self._video: PacketTrack | None = None
        self._audio: PacketTrack | None = None
        self._connected = asyncio.Event()
        self._began = self._loop.time()
        self._heard_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._reading = False
        self._gone = False

    @property
    def format(self) -> VideoFormat | None:
        """What the pictures are to be encoded as, for what its network carries."""
        return self._formats[self._adaptation.step] if self._formats else None

    async def answer(self, sdp: str) -> str:
        """Answer an offer.

        Raises:
            InvalidRequest: it is not an offer that asks for sound or a picture we can send.
            Unavailable: no UDP port is free.
        """
        try:
            offer = RTCSessionDescription(without_mdns(sdp), "offer")
            self._add_tracks({kind for kind in ("audio", "video") if f"m={kind} " in sdp})
            await self._connection.setRemoteDescription(offer)
            if not self._connection.getTransceivers():
                raise ValueError("it asks for neither sound nor pictures")
            answer = await self._connection.createAnswer()
        except Exception as error:  # aiortc's parser raises whatever a broken offer causes
            raise InvalidRequest(
                "the offer cannot be answered: it must be an SDP offer that receives Opus audio or "
                f"{' or '.join(MIME_TYPES[codec] for codec in self._options.codecs)} ({error})"
            ) from error
        return await self._describe(answer)

    async def trickle(self, fragment: Fragment) -> None:
        """Take candidates that came after the offer.

        Raises:
            Unprocessable: they are of another ICE session.
        """
        if fragment.ufrag != ice_ufrag(self._connection.remoteDescription.sdp):
            raise Unprocessable("a=ice-ufrag is not that of the offer; ICE restarts are not offered")
        for candidate in fragment.candidates:
            await self._connection.addIceCandidate(candidate)
        if fragment.ended:
            await self._connection.addIceCandidate(None)

    async def _describe(self, description: RTCSessionDescription) -> str:
        await self._connection.setLocalDescription(description)
        sdp = self._connection.localDescription.sdp
        if "a=candidate:" not in sdp:
            raise Unavailable("no UDP port is free for sound and picture; widen udp_ports")
        self._watch = self._loop.create_task(self._watch_viewer())
        relay = first_relay(self._ice_servers)
        if relay is not None and " typ relay" not in sdp:
            self._asking = self._loop.create_task(tell_missing_relay(relay))
        return str(sdp)

    def take(self, tick: Tick) -> None:
        """Take a tick from the broadcast's thread to the loop's."""
        self._loop.call_soon_threadsafe(self._push, tick)

    async def close(self) -> None:
        """Leave; whoever waits on the tracks is let go."""
        self._gone = True
        self._source.remove(self)
        for task in (self._watch, self._asking):
            if task is not None:
                task.cancel()
        await self._connection.close()

    def _add_tracks(self, kinds: Collection[str]) -> None:
        if "audio" in kinds:
            self._audio = PacketTrack("audio")
            self._add(self._audio, [], OPUS_LOOKAHEAD_S)
        if "video" in kinds:
            self._video = PacketTrack("video")
            self._add(self._video, [MIME_TYPES[codec] for codec in self._options.codecs], 0.0)

    def _add(self, track: PacketTrack, mime_types: list[str], lookahead_s: float) -> None:
        transceiver = self._connection.addTransceiver(track, direction="sendonly")
        prepare(transceiver.sender.transport.transport.iceGatherer._connection)
        if mime_types:
            _prefer(transceiver, mime_types)
        hooks = SenderHooks(
            lookahead_s=lookahead_s,
            on_codec=self._on_codec,
            on_key_frame=lambda: self._source.refresh(self),
            on_bitrate=lambda bitrate: self._adapt(self._adaptation.estimated(bitrate, self._loop.time())),
            on_loss=lambda share: self._adapt(self._adaptation.lost(share, self._loop.time())),
            on_report=self._on_report,
        )
        PacedSender.adopt(transceiver.sender, track, hooks)

    def _on_codec(self, mime_type: str) -> None:
        if mime_type.lower() == "audio/opus":
            self.wants_opus = True
        for codec, name in MIME_TYPES.items():
            if name.lower() == mime_type.lower():
                top = VideoFormat(codec, self._options.video_bitrate, self._options.video_height)
                self._codec, self._formats = codec, ladder(top)
        if not self._reading:
            self._reading = True
            self._source.add(self)

    def _adapt(self, changed: bool) -> None:
        if changed:
            logger.info("a viewer gets %s", self.format)

    def _on_report(self) -> None:
        self._heard_at = self._loop.time()

    def _push(self, tick: Tick) -> None:
        fits = True
        number = tick.frame.tick
        if self._video is not None and tick.video is not None:
            self._adaptation.sent(len(tick.video.payload), self._loop.time())
            pieces = payloads(tick.video, self._codec, number)
            fits = self._video.push(Outgoing(pieces, number * (VIDEO_CLOCK // FPS), tick.due))
        if self._audio is not None and tick.opus is not None:
            for place, packet in enumerate(tick.opus):
                timestamp = (number * CHUNKS_PER_FRAME + place) * OPUS_TICKS
                due = tick.due + place * FRAME_S / CHUNKS_PER_FRAME
                fits = self._audio.push(Outgoing([packet], timestamp, due)) and fits
        if not fits:
            self._metrics.dropped_packets.inc()
            self._source.refresh(self)

    async def _on_state(self) -> None:
        state = self._connection.connectionState
        logger.info("peer is %s", state)
        if state == "connected":
            self._on_report()
            self._connected.set()
        if state in ("failed", "closed") and not self._gone:
            if not self._connected.is_set():
                self._tell_why()
            self._on_gone()

    async def _watch_viewer(self) -> None:
        try:
            await asyncio.wait_for(self._connected.wait(), self._options.connect_limit_s)
        except TimeoutError:
            self._tell_why()
        else:
            while (left_s := self._heard_at + SILENT_LIMIT_S - self._loop.time()) > 0:
                await asyncio.sleep(left_s)
            logger.info("a peer sent no report for %g s", SILENT_LIMIT_S)
        self._on_gone()

    def _tell_why(self) -> None:
        spent_s = self._loop.time() - self._began
        why = why_not_connected(self._connection, first_relay(self._ice_servers) is not None)
        logger.warning("a peer did not connect within %.0f s: %s", spent_s, why)


def _prefer(transceiver: RTCRtpTransceiver, mime_types: list[str]) -> None:
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    wanted = [each for mime_type in mime_types for each in capabilities if each.mimeType == mime_type]
    rtx = [each for each in capabilities if each.mimeType.lower().endswith("/rtx")]
    transceiver.setCodecPreferences([*wanted, *rtx])
