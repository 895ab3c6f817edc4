from __future__ import annotations

import asyncio

import numpy as np

from livetalk.protocols import EncodedPicture, PlayedFrame, Tick, VideoFormat
from livetalk.transports.webrtc.connection import Connection
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.sending import PeerOptions, Sending
from livetalk.transports.webrtc.tracks import QUEUED_PACKETS
from livetalk.types import FRAME_S, FRAME_SAMPLES
from tests.transports.source import Source

OPTIONS = PeerOptions(["vp8"], VideoFormat("vp8", 1_000_000), IceServers(), connect_limit_s=10.0)


def tick(number: int) -> Tick:
    frame = PlayedFrame(number, np.zeros((6, 4), np.uint8), np.zeros(FRAME_SAMPLES, np.int16))
    return Tick(number * FRAME_S, frame, EncodedPicture(b"a picture", False, (4, 4)), None)


async def test_a_viewer_that_does_not_keep_up_goes_on_with_a_key_frame() -> None:
    source, dropped = Source(), []
    connection = Connection([], 10.0, on_gone=lambda: None)
    sending = Sending(connection, source, OPTIONS, on_dropped=lambda: dropped.append(True))
    sending.add_tracks({"video"})  # nothing is connected: nobody takes what it is handed
    for number in range(QUEUED_PACKETS):
        sending.take(tick(number))
    await asyncio.sleep(0)
    assert (sending.ticks, sending.dropped, source.refreshed, dropped) == (QUEUED_PACKETS, 0, 0, [])
    sending.take(tick(QUEUED_PACKETS))
    await asyncio.sleep(0)
    assert (sending.dropped, source.refreshed, dropped) == (1, 1, [True])
    await connection.close()
