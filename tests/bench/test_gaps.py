from __future__ import annotations

import pytest

from bench.gaps import evenness, gaps_s
from bench.packets import Packet, StreamLog, place
from bench.pictures import assemble
from bench.spread import spread
from tests.bench.bench_streams import packet


def test_only_gaps_that_end_inside_the_span_count() -> None:
    assert gaps_s([0.0, 1.0, 3.0, 6.0], 1.0, 5.0) == [1.0, 2.0]


def test_a_late_picture_makes_a_long_and_a_short_gap_and_no_lower_rate() -> None:
    arrivals_s = [number * 0.04 + (0.03 if number == 10 else 0) for number in range(26)]
    log = StreamLog([packet(number, number * 3600, at_s) for number, at_s in enumerate(arrivals_s)])
    video = place(log)

    even = evenness(video, assemble(video.packets), place(StreamLog()), 0.0, 1.0)

    assert even.fps == 25.0
    assert even.picture_gap_ms is not None
    assert even.picture_gap_ms.max == pytest.approx(70, abs=0.01)
    assert even.picture_gap_ms.min == pytest.approx(10, abs=0.01)
    assert even.freezes == 0


def test_three_missing_pictures_are_one_freeze_one_uneven_step_and_three_losses() -> None:
    log = StreamLog(
        [packet(number, number * 3600, number * 0.04) for number in range(25) if number not in (8, 9, 10)]
    )
    video = place(log)

    even = evenness(video, assemble(video.packets), place(StreamLog()), 0.0, 1.0)

    # the picture after the hole might have begun in it, so it is not known to be whole
    assert even.picture_gap_ms is not None
    assert even.picture_gap_ms.max == pytest.approx(200, abs=0.01)
    assert (even.freezes, even.uneven_timestamps, even.video_lost) == (1, 1, 3)


def test_a_hole_in_the_sounds_timestamps_is_seen() -> None:
    packets = [
        Packet(number * 0.02, 3, number, number * 960 + (960 if number > 5 else 0), False, b"", "opus")
        for number in range(20)
    ]

    even = evenness(place(StreamLog()), [], place(StreamLog(packets)), 0.0, 1.0)

    assert (even.audio_timestamp_holes, even.audio_lost) == (1, 0)
    assert even.fps == 0.0


def test_spread_tells_the_middle_and_the_worst() -> None:
    result = spread([3.0, 1.0, 2.0])

    assert result is not None
    assert (result.count, result.min, result.median, result.max) == (3, 1.0, 2.0, 3.0)
    assert spread([]) is None
