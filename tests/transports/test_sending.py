"""What a connection does for one viewer; nothing is connected here: nobody takes what it is handed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

from livetalk.protocols import EncodedPicture, PlayedFrame, Tick, VideoFormat
from livetalk.transports.webrtc.adaptation import LOSSY_REPORTS, MEASURED_S, Adaptation, ladder
from livetalk.transports.webrtc.connection import Connection, Ties
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.sending import PeerOptions, Sending
from livetalk.transports.webrtc.tracks import QUEUED_PACKETS, PacedSender
from livetalk.types import FRAME_S, FRAME_SAMPLES
from tests.transports.source import Source

FORMAT = VideoFormat("vp8", 1_000_000)
BEST, NEXT = ladder(FORMAT)[:2]
PICTURE = EncodedPicture(bytes(5_000), False, (4, 4))


class Viewer:
    """One side of a connection, and what it asked of the session."""

    def __init__(self) -> None:
        self.source = Source()
        self.connection = Connection([], 10.0, Ties(on_gone=lambda: None))
        options = PeerOptions(["vp8"], FORMAT, IceServers(), connect_limit_s=10.0)
        self.drops = 0
        self.sending = Sending(self.connection, self.source, options, self._on_dropped)
        self.sending.add_tracks({"video"})
        self.sending._on_codec("video/VP8")
        sender = self.connection.rtc.getSenders()[0]
        assert isinstance(sender, PacedSender)
        self.sender = sender
        now = asyncio.get_running_loop().time()
        self.sending._adaptation = Adaptation(now - MEASURED_S)  # as if it had watched for a while

    async def take(self, ticks: int) -> None:
        """Hand over so many."""
        for number in range(ticks):
            frame = PlayedFrame(number, np.zeros((6, 4), np.uint8), np.zeros(FRAME_SAMPLES, np.int16))
            self.sending.take(Tick(number * FRAME_S, frame, PICTURE, None))
        await asyncio.sleep(0)

    async def lose(self, half_of: int) -> None:
        """Report twice that half of the packets of a stream were lost."""
        report = RtcpReceiverInfo(
            half_of, fraction_lost=128, packets_lost=9, highest_sequence=9, jitter=0, lsr=0, dlsr=0
        )
        for _ in range(LOSSY_REPORTS):
            await self.sender._handle_rtcp_packet(RtcpRrPacket(ssrc=1, reports=[report]))

    async def estimate(self, bitrate: int, of: int) -> None:
        """Report how many bit/s of a stream fit."""
        fci = pack_remb_fci(bitrate, [of])
        await self.sender._handle_rtcp_packet(RtcpPsfbPacket(RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci))

    def _on_dropped(self) -> None:
        self.drops += 1


@pytest.fixture
async def viewer() -> AsyncIterator[Viewer]:
    made = Viewer()
    yield made
    await made.connection.close()


async def test_a_viewer_that_does_not_keep_up_goes_on_with_a_key_frame(viewer: Viewer) -> None:
    await viewer.take(QUEUED_PACKETS)
    assert (viewer.sending.ticks, viewer.sending.dropped, viewer.drops) == (QUEUED_PACKETS, 0, 0)
    assert viewer.source.refreshed == 0
    await viewer.take(1)
    assert (viewer.sending.ticks, viewer.sending.dropped, viewer.drops) == (QUEUED_PACKETS + 1, 1, 1)
    assert viewer.source.refreshed == 1


async def test_a_viewer_that_lost_the_picture_gets_a_key_frame(viewer: Viewer) -> None:
    lost = RtcpPsfbPacket(RTCP_PSFB_PLI, ssrc=1, media_ssrc=viewer.sender._ssrc)
    await viewer.sender._handle_rtcp_packet(lost)
    assert viewer.source.refreshed == 1


async def test_a_viewer_that_loses_packets_is_sent_less(viewer: Viewer) -> None:
    await viewer.lose(half_of=viewer.sender._ssrc + 1)
    assert viewer.sending.format == BEST, "those of another stream are not ours"
    await viewer.lose(half_of=viewer.sender._ssrc)
    assert viewer.sending.format == NEXT


async def test_a_viewer_whose_estimate_falls_is_sent_less(viewer: Viewer) -> None:
    await viewer.take(QUEUED_PACKETS)
    for bitrate in (2_000_000, 100_000):
        await viewer.estimate(bitrate, of=viewer.sender._ssrc + 1)
    assert viewer.sending.format == BEST, "those of another stream are not ours"
    for bitrate in (2_000_000, 100_000):
        await viewer.estimate(bitrate, of=viewer.sender._ssrc)
    assert viewer.sending.format == NEXT
