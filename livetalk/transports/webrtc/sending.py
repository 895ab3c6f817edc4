"""Sending: a session's ticks as the RTP of one connection, in the format that its network carries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from aiortc import RTCRtpSender, RTCRtpTransceiver

from livetalk.protocols import MediaSource, Tick, VideoCodec, VideoFormat
from livetalk.transports.webrtc.adaptation import Adaptation, ladder
from livetalk.transports.webrtc.connection import Connection
from livetalk.transports.webrtc.ice import prepare
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.payloads import payloads
from livetalk.transports.webrtc.tracks import Outgoing, PacedSender, PacketTrack, SenderHooks
from livetalk.types import CHUNKS_PER_FRAME, FPS, FRAME_S, VIDEO_CLOCK

logger = logging.getLogger(__name__)

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
    video: VideoFormat
    """of any of the codecs"""
    ice_servers: IceServers
    connect_limit_s: float


class Sending:
    """A reader of the session, from the moment that its connection is up and a codec agreed on."""

    key_frame_s = None
    """key frames come on request"""

    def __init__(
        self,
        connection: Connection,
        source: MediaSource,
        options: PeerOptions,
        on_dropped: Callable[[], object],
    ) -> None:
        self.sound: RTCRtpTransceiver | None = None
        """what carries sound, once there is one"""
        self.wants_opus = False
        self.ticks = 0
        """that were handed to the connection"""
        self.dropped = 0
        """of which a part had to go, since the connection did not keep up"""
        self._connection = connection
        self._source = source
        self._options = options
        self._on_dropped = on_dropped
        self._loop = asyncio.get_running_loop()
        self._adaptation = Adaptation(self._loop.time())
        self._codec: VideoCodec = options.codecs[0]
        self._formats: Sequence[VideoFormat] = ()
        self._video: PacketTrack | None = None
        self._audio: PacketTrack | None = None
        self._reading = False

    @property
    def format(self) -> VideoFormat | None:
        """What the pictures are to be encoded as, for what its network carries."""
        return self._formats[self._adaptation.step] if self._formats else None

    def take(self, tick: Tick) -> None:
        """Take a tick from the broadcast's thread to the loop's."""
        with contextlib.suppress(RuntimeError):  # a loop of an output's own ends with it, in mid-tick
            self._loop.call_soon_threadsafe(self._push, tick)

    def add_tracks(self, kinds: Collection[str]) -> None:
        """Add what is to be sent to the connection."""
        if "audio" in kinds:
            self._audio = PacketTrack("audio")
            self.sound = self._add(self._audio, [], OPUS_LOOKAHEAD_S)
        if "video" in kinds:
            self._video = PacketTrack("video")
            self._add(self._video, [MIME_TYPES[codec] for codec in self._options.codecs], 0.0)

    def close(self) -> None:
        """Read no more."""
        self._source.remove(self)

    def _add(self, track: PacketTrack, mime_types: list[str], lookahead_s: float) -> RTCRtpTransceiver:
        transceiver = self._connection.rtc.addTransceiver(track, direction="sendonly")
        prepare(transceiver.sender.transport.transport.iceGatherer._connection)
        if mime_types:
            _prefer(transceiver, mime_types)
        hooks = SenderHooks(
            lookahead_s=lookahead_s,
            on_codec=self._on_codec,
            on_key_frame=lambda: self._source.refresh(self),
            on_bitrate=lambda bitrate: self._adapt(self._adaptation.estimated(bitrate, self._loop.time())),
            on_loss=lambda share: self._adapt(self._adaptation.lost(share, self._loop.time())),
            on_report=self._connection.hear,
        )
        PacedSender.adopt(transceiver.sender, track, hooks)
        return transceiver

    def _on_codec(self, mime_type: str) -> None:
        if mime_type.lower() == "audio/opus":
            self.wants_opus = True
        for codec, name in MIME_TYPES.items():
            if name.lower() == mime_type.lower():
                self._codec, self._formats = codec, ladder(replace(self._options.video, codec=codec))
        if not self._reading:
            self._reading = True
            self._source.add(self)

    def _adapt(self, changed: bool) -> None:
        if changed:
            logger.info("a viewer gets %s", self.format)

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
        self.ticks += 1
        if not fits:
            self.dropped += 1
            self._on_dropped()
            self._source.refresh(self)


def _prefer(transceiver: RTCRtpTransceiver, mime_types: list[str]) -> None:
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    wanted = [each for mime_type in mime_types for each in capabilities if each.mimeType == mime_type]
    rtx = [each for each in capabilities if each.mimeType.lower().endswith("/rtx")]
    transceiver.setCodecPreferences([*wanted, *rtx])


__all__ = ["PeerOptions", "Sending"]
