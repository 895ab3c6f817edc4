"""A bad network, between the real server and a real receiver."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import av
import pytest
from aiortc import RTCRtpReceiver
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

from tests.fakes import SIZE, counted
from tests.server.conftest import Client, FakeService, Viewer, within

SHARE = 0.05
LOSSY_PICTURES = 75


@dataclass
class WatchingViewer(Viewer):
    """Keeps the decoded pictures."""

    frames: list[av.VideoFrame] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def next_picture(self) -> av.VideoFrame:
        """The next one that is decoded."""
        self.came.clear()
        await within(self.came.wait())
        return self.frames[-1]

    async def key_picture(self) -> None:
        """Until one that needs no other was decoded."""
        while not (await self.next_picture()).key_frame:
            pass

    @property
    def video(self) -> RTCRtpReceiver:
        """What receives the pictures."""
        return next(each for each in self.connection.getReceivers() if each.track.kind == "video")

    @property
    def video_ssrc(self) -> int:
        """The sender's, as its answer tells."""
        sdp = self.connection.remoteDescription.sdp
        section = sdp[sdp.index("m=video") :]
        return int(section.split("a=ssrc:")[1].split()[0])

    def on_picture(self, frame: av.VideoFrame) -> None:
        self.frames.append(frame)
        self.came.set()


@pytest.fixture
async def viewer(client: Client) -> AsyncIterator[WatchingViewer]:
    viewer = WatchingViewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    yield viewer
    await viewer.close()


async def test_a_viewer_that_lost_the_picture_gets_a_key_picture(
    viewer: WatchingViewer, service: FakeService
) -> None:
    before = counted(service.metrics, "key_frames_total")
    await viewer.video._send_rtcp_pli(viewer.video_ssrc)
    await within(viewer.key_picture())
    assert counted(service.metrics, "key_frames_total") == before + 1


def little_fits(viewer: WatchingViewer) -> RtcpPsfbPacket:
    """An estimate of 500 bit/s."""
    fci = pack_remb_fci(500, [viewer.video_ssrc])
    return RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci)


def half_is_lost(viewer: WatchingViewer) -> RtcpRrPacket:
    """A report of what came."""
    lost = RtcpReceiverInfo(viewer.video_ssrc, 128, 100, highest_sequence=0, jitter=0, lsr=0, dlsr=0)
    return RtcpRrPacket(ssrc=1, reports=[lost])


@pytest.mark.parametrize("report", [little_fits, half_is_lost])
async def test_a_viewer_that_can_take_less_is_sent_less(
    viewer: WatchingViewer,
    service: FakeService,
    report: Callable[[WatchingViewer], RtcpPsfbPacket | RtcpRrPacket],
) -> None:
    (reader,) = service.sessions.get(viewer.session_id).broadcast._readers

    def is_whole() -> bool:
        """A machine that is late makes smaller pictures, too: so it is asked what is wanted."""
        return reader.format is not None and reader.format.shrink == 1

    async def complain() -> None:
        while is_whole():
            await viewer.video._send_rtcp(report(viewer))
            await viewer.next_picture()
        while (await viewer.next_picture()).width > SIZE // 2:
            pass

    await asyncio.wait_for(complain(), 30)


async def test_a_viewer_that_loses_one_packet_in_twenty_sees_on_and_whole_pictures_after(
    viewer: WatchingViewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = viewer.video.transport
    receive = transport._handle_rtp_data
    chance = random.Random(1)
    lost = 0

    async def lossy(data: bytes, arrival_time_ms: int) -> None:
        nonlocal lost
        if chance.random() < SHARE:
            lost += 1
        else:
            await receive(data, arrival_time_ms)

    monkeypatch.setattr(transport, "_handle_rtp_data", lossy)
    assert await viewer.say("word " * 20) == 200
    for _ in range(LOSSY_PICTURES):
        await viewer.next_picture()
    assert lost > LOSSY_PICTURES * SHARE
    monkeypatch.undo()
    await viewer.video._send_rtcp_pli(viewer.video_ssrc)
    await within(viewer.key_picture())
    after = [await viewer.next_picture() for _ in range(25)]
    assert not any(frame.is_corrupt for frame in after)
