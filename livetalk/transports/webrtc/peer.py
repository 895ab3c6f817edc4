"""A peer: one browser that watches a session, from its offer to its leaving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from livetalk.errors import InvalidRequest, Unavailable
from livetalk.metrics import Metrics
from livetalk.transports.webrtc.broadcast import Broadcast, EncodedTick
from livetalk.transports.webrtc.encoders import AUDIO_CLOCK, OPUS_LOOKAHEAD_S, VIDEO_CLOCK, VideoCodec
from livetalk.transports.webrtc.ice import prepare, without_mdns
from livetalk.transports.webrtc.tracks import PacedSender, PacketTrack, SenderHooks

logger = logging.getLogger(__name__)

SILENT_LIMIT_S = 15.0
"""a viewer that sends no report for so long is gone; they send one each second or so"""
MIME_TYPES: dict[VideoCodec, str] = {"h264": "video/H264", "vp8": "video/VP8"}


@dataclass(frozen=True, slots=True)
class PeerOptions:
    """How peers connect."""

    codecs: Sequence[VideoCodec]
    """in order of preference"""
    ice_servers: Sequence[RTCIceServer]
    connect_limit_s: float


class Peer:
    """Answers one offer, then sends what the broadcast delivers until either side ends it."""

    def __init__(
        self,
        broadcast: Broadcast,
        options: PeerOptions,
        metrics: Metrics,
        on_gone: Callable[[], object],
    ) -> None:
        self.codec: VideoCodec = options.codecs[0]
        self.bitrate: int | None = None
        self._broadcast = broadcast
        self._options = options
        self._metrics = metrics
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[*options.ice_servers]))
        self._connection.on("connectionstatechange", self._on_state)
        self._video = PacketTrack("video", VIDEO_CLOCK)
        self._audio = PacketTrack("audio", AUDIO_CLOCK)
        self._connected = asyncio.Event()
        self._heard_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    async def answer(self, sdp: str) -> str:
        """Answer an offer.

        Raises:
            InvalidRequest: it is not an offer that asks for sound and a picture we can send.
            Unavailable: no UDP port is free.
        """
        self._add(self._audio, [], OPUS_LOOKAHEAD_S)
        self._add(self._video, [MIME_TYPES[codec] for codec in self._options.codecs], 0.0)
        try:
            offer = RTCSessionDescription(without_mdns(sdp), "offer")
            await self._connection.setRemoteDescription(offer)
            if any(each.mid is None for each in self._connection.getTransceivers()):
                raise ValueError("it asks for only one of audio and video")
            answer = await self._connection.createAnswer()
        except Exception as error:  # aiortc's parser raises whatever a broken offer causes
            raise InvalidRequest(
                "the offer cannot be answered: it must be an SDP offer that receives Opus audio and "
                f"{' or '.join(MIME_TYPES[codec] for codec in self._options.codecs)} ({error})"
            ) from error
        await self._connection.setLocalDescription(answer)
        sdp = self._connection.localDescription.sdp
        if "a=candidate:" not in sdp:
            raise Unavailable("no UDP port is free for sound and picture; widen udp_ports")
        self._watch = self._loop.create_task(self._watch_viewer())
        return sdp

    def deliver(self, tick: EncodedTick) -> None:
        """Take a tick from the broadcast's thread to the loop's."""
        self._loop.call_soon_threadsafe(self._push, tick)

    async def close(self) -> None:
        """Leave; whoever waits on the tracks is let go."""
        self._gone = True
        self._broadcast.remove(self)
        if self._watch is not None:
            self._watch.cancel()
        await self._connection.close()

    def _add(self, track: PacketTrack, mime_types: list[str], lookahead_s: float) -> None:
        transceiver = self._connection.addTransceiver(track, direction="sendonly")
        prepare(transceiver.sender.transport.transport.iceGatherer._connection)
        if mime_types:
            _prefer(transceiver, mime_types)
        hooks = SenderHooks(
            lookahead_s=lookahead_s,
            on_codec=self._on_codec,
            on_key_frame=lambda: self._broadcast.request_key_frame(self.codec),
            on_bitrate=self._on_bitrate,
            on_report=self._on_report,
        )
        PacedSender.adopt(transceiver.sender, track, hooks)

    def _on_codec(self, mime_type: str) -> None:
        for codec, name in MIME_TYPES.items():
            if name.lower() == mime_type.lower():
                self.codec = codec
                self._broadcast.add(self)

    def _on_bitrate(self, bitrate: int) -> None:
        self.bitrate = bitrate

    def _on_report(self) -> None:
        self._heard_at = self._loop.time()

    def _push(self, tick: EncodedTick) -> None:
        fits = self._video.push(tick.video)
        for packet in tick.audio:
            fits = self._audio.push(packet) and fits
        if not fits:
            self._metrics.dropped_packets.inc()
            self._broadcast.request_key_frame(self.codec)

    async def _on_state(self) -> None:
        state = self._connection.connectionState
        logger.info("peer is %s", state)
        if state == "connected":
            self._on_report()
            self._connected.set()
        if state in ("failed", "closed") and not self._gone:
            self._on_gone()

    async def _watch_viewer(self) -> None:
        try:
            await asyncio.wait_for(self._connected.wait(), self._options.connect_limit_s)
        except TimeoutError:
            logger.info("a peer did not connect within %g s", self._options.connect_limit_s)
        else:
            while (left_s := self._heard_at + SILENT_LIMIT_S - self._loop.time()) > 0:
                await asyncio.sleep(left_s)
            logger.info("a peer sent no report for %g s", SILENT_LIMIT_S)
        self._on_gone()


def _prefer(transceiver: RTCRtpTransceiver, mime_types: list[str]) -> None:
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    wanted = [each for mime_type in mime_types for each in capabilities if each.mimeType == mime_type]
    rtx = [each for each in capabilities if each.mimeType.lower().endswith("/rtx")]
    transceiver.setCodecPreferences([*wanted, *rtx])
