"""Tracks hand finished packets to aiortc at their time; the sender stamps reports by that time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpSender
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtcpRrPacket, RtcpSrPacket, unpack_remb_fci

QUEUED_PACKETS = 50
"""a viewer that falls further behind loses the oldest: a second of sound, two of pictures"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One picture, or 20 ms of sound, as RTP carries it; and when it is to leave."""

    payloads: Sequence[bytes]
    """of RTP packets, in order"""
    timestamp: int
    """RTP ticks of its medium since the timeline began"""
    due: float
    """seconds of the session's clock"""


class PacketTrack(MediaStreamTrack):
    """A track of encoded media, each piece handed over when it is due."""

    def __init__(self, kind: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.kind = kind
        self.due = 0.0
        """when the piece handed over last was to leave"""
        self._clock = clock
        self._queue: deque[Outgoing] = deque()
        self._arrived = asyncio.Event()

    def push(self, outgoing: Outgoing) -> bool:
        """Queue a piece, on the loop's thread; False if an old one had to go for it."""
        fits = len(self._queue) < QUEUED_PACKETS
        if not fits:
            self._queue.popleft()
        self._queue.append(outgoing)
        self._arrived.set()
        return fits

    async def recv(self) -> Outgoing:  # type: ignore[override]
        """Wait for the next piece, and for its time; PacedSender asks for it, nobody else.

        Raises:
            MediaStreamError: the track was stopped.
        """
        while self.readyState == "live" and not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        if self.readyState != "live":
            raise MediaStreamError
        outgoing = self._queue.popleft()
        delay_s = outgoing.due - self._clock()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
        self.due = outgoing.due
        return outgoing

    def stop(self) -> None:
        """End the track, and whoever waits in recv."""
        super().stop()
        self._arrived.set()


@dataclass(frozen=True, slots=True)
class SenderHooks:
    """What a sender asks of, and tells, those who encode for it."""

    lookahead_s: float
    """how far decoded media lag their timestamps"""
    on_codec: Callable[[str], None]
    """told the MIME type that was agreed on, just before the first packet is wanted"""
    on_key_frame: Callable[[], None]
    """the viewer lost the picture (RTCP PLI, FIR)"""
    on_bitrate: Callable[[int], None]
    """the viewer can take so many bit/s (RTCP REMB)"""
    on_loss: Callable[[float], None]
    """this share of the packets since the last report did not arrive (RTCP RR)"""
    on_report: Callable[[], None]
    """the viewer said anything: it is still there"""


class PacedSender(RTCRtpSender):
    """aiortc's sender for tracks whose packets come encoded, with the reports stamped exactly.

    aiortc stamps a sender report with the moment a packet was sent; how late that was would be read
    as lip-sync error. Here a report carries the moment the packet was due. aiortc would also ask its
    own encoder for key frames and bitrates; here whoever encodes is told.
    """

    paced: PacketTrack
    hooks: SenderHooks
    _clock_offset_s: float

    @staticmethod
    def adopt(sender: RTCRtpSender, track: PacketTrack, hooks: SenderHooks) -> None:
        """Make a PacedSender of the sender that aiortc made; it offers no place to hand in our own."""
        sender.__class__ = PacedSender
        assert isinstance(sender, PacedSender)
        sender.paced = track
        sender.hooks = hooks
        sender._clock_offset_s = time.time() - time.monotonic()

    async def send(self, parameters: Any) -> None:
        """Begin to send; the first codec of `parameters` was agreed on."""
        self.hooks.on_codec(parameters.codecs[0].mimeType)
        await super().send(parameters)

    async def _next_encoded_frame(self, codec: Any) -> RTCEncodedFrame:
        outgoing = await self.paced.recv()
        return RTCEncodedFrame([*outgoing.payloads], outgoing.timestamp, audio_level=None)  # type: ignore[arg-type]

    def _send_keyframe(self) -> None:
        self.hooks.on_key_frame()

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        self.hooks.on_report()
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            with contextlib.suppress(ValueError):  # application feedback of another kind than REMB
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
                if self._ssrc in ssrcs:
                    self.hooks.on_bitrate(bitrate)
        else:
            if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
                for report in packet.reports:
                    if report.ssrc == self._ssrc:
                        self.hooks.on_loss(report.fraction_lost / 256)
            await super()._handle_rtcp_packet(packet)

    async def _send_rtcp(self, packets: list[Any]) -> None:
        for packet in packets:
            if isinstance(packet, RtcpSrPacket) and packet.sender_info.ntp_timestamp:
                at_s = self.paced.due - self.hooks.lookahead_s + self._clock_offset_s
                packet.sender_info.ntp_timestamp = ntp_time(at_s)
        await super()._send_rtcp(packets)


NTP_UNIX_OFFSET_S = 2_208_988_800
"""seconds from 1900 to 1970 (RFC 868)"""


def ntp_time(unix_s: float) -> int:
    """Seconds since 1970 as a 64-bit NTP timestamp (RFC 5905, 6)."""
    whole, part = divmod(unix_s + NTP_UNIX_OFFSET_S, 1.0)
    return (int(whole) << 32) | int(part * (1 << 32))
