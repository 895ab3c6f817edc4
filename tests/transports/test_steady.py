from __future__ import annotations

import numpy as np
import pytest

from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import EncodedPicture, PlayedFrame, Tick, VideoFormat
from livetalk.transports.steady import SteadyFeed
from livetalk.types import FRAME_S, FRAME_SAMPLES
from tests.transports.source import Source

WIDE = (64, 32)


def tick(number: int, size: tuple[int, int] = WIDE, key: bool = False) -> Tick:
    frame = PlayedFrame(number, np.zeros((48, 64), np.uint8), np.zeros(FRAME_SAMPLES, np.int16))
    return Tick(number * FRAME_S, frame, EncodedPicture(b"", key, size), None)


def sizes(feed: SteadyFeed) -> list[tuple[int, int]]:
    feed.close()
    return [each.video.size for each in feed.ticks() if each.video]


def test_the_first_picture_settles_the_size() -> None:
    feed = SteadyFeed(VideoFormat("vp8", 1_000_000), 3.0)
    feed.take(tick(0, key=True))
    assert feed.format == VideoFormat("h264", 1_000_000, size=WIDE)
    assert feed.key_frame_s == 3.0
    assert sizes(feed) == [WIDE]


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        (VideoFormat("h264", 1, height=16), (32, 16)),
        (VideoFormat("h264", 1, shrink=2), (32, 16)),
        (VideoFormat("h264", 1, size=(20, 30)), (20, 30)),
    ],
)
def test_a_wanted_size_is_kept_and_is_the_broadcast_s(wanted: VideoFormat, size: tuple[int, int]) -> None:
    feed = SteadyFeed(wanted, 2.0)
    first = tick(0, size, key=True)
    assert Encodings(EncoderOptions(), Metrics()).stream(wanted, first.frame.picture).size == size
    feed.take(first)
    assert sizes(feed) == [size]


def test_pictures_of_another_size_are_left_out_until_a_key_frame_of_the_right_one() -> None:
    source, feed = Source(), SteadyFeed(VideoFormat("h264", 1_000_000), 2.0)
    feed.open(source)
    feed.take(tick(0, (32, 16), key=True))  # by a machine that is late
    assert source.refreshed == 1
    feed.take(tick(1))
    feed.take(tick(2, key=True))
    assert sizes(feed) == [WIDE]
