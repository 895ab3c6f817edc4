from __future__ import annotations

import threading

import numpy as np

from livetalk.protocols import EncodedPicture, PlayedFrame, Tick, VideoFormat
from livetalk.transports.feed import Feed
from livetalk.types import FRAME_S, FRAME_SAMPLES
from tests.transports.source import Source

FORMAT = VideoFormat("h264", 1_000_000)
WAIT_S = 10.0


def tick(number: int, key: bool = False, encoded: bool = True) -> Tick:
    frame = PlayedFrame(number, np.zeros((6, 4), np.uint8), np.zeros(FRAME_SAMPLES, np.int16))
    return Tick(number * FRAME_S, frame, EncodedPicture(b"", key, (4, 4)) if encoded else None, None)


def numbers(feed: Feed) -> list[int]:
    """All that waits, once the feed is closed."""
    feed.close()
    return [each.frame.tick for each in feed.ticks()]


def test_ticks_come_in_order_and_end_when_the_feed_is_closed() -> None:
    source, feed = Source(), Feed(FORMAT)
    feed.open(source)
    for number in range(5):
        feed.take(tick(number, key=number == 0))
    assert numbers(feed) == [0, 1, 2, 3, 4]
    assert source.readers == []
    feed.take(tick(5))
    assert feed.next() is None


def test_encoded_pictures_begin_with_a_key_frame() -> None:
    feed = Feed(FORMAT)
    for number in range(6):
        feed.take(tick(number, key=number == 3))
    assert numbers(feed) == [3, 4, 5]


def test_a_slow_output_loses_what_waits_and_goes_on_from_a_key_frame() -> None:
    source, feed = Source(), Feed(FORMAT, limit=4)
    feed.open(source)
    for number in range(10):
        feed.take(tick(number, key=number in (0, 7)))
    assert numbers(feed) == [7, 8, 9]
    assert feed.dropped == 7
    assert source.refreshed == 1


def test_raw_pictures_need_no_key_frame() -> None:
    source, feed = Source(), Feed(None, limit=4)
    feed.open(source)
    for number in range(6):
        feed.take(tick(number, encoded=False))
    assert numbers(feed) == [4, 5]
    assert source.refreshed == 0


def test_after_a_skip_it_goes_on_from_a_key_frame() -> None:
    source, feed = Source(), Feed(FORMAT)
    feed.open(source)
    feed.take(tick(0, key=True))
    feed.skip()
    for number in range(1, 5):
        feed.take(tick(number, key=number == 3))
    assert numbers(feed) == [3, 4]
    assert (source.refreshed, feed.dropped) == (1, 3)


def test_who_waits_is_let_go_when_the_feed_is_closed() -> None:
    feed = Feed(None)
    got: list[Tick | None] = []
    waiting = threading.Thread(target=lambda: got.append(feed.next()))
    waiting.start()
    feed.close()
    waiting.join(WAIT_S)
    assert got == [None]
    assert feed.wait_closed(0.0)


def test_nothing_comes_in_time() -> None:
    assert Feed(None).next(timeout_s=0.01) is None
