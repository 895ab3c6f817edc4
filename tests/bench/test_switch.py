"""How the bench finds a change of face in what arrived."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from bench.errors import BenchError
from bench.pictures import Picture
from bench.scenarios.switch import Change, look

FRAME_S = 0.04
SIZES = {"one": (64, 64), "other": (96, 64), "black": (64, 64)}


def face(name: str, number: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    width, height = SIZES[name]
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 16 if name == "black" else 90
    if name != "black":
        sway = number % 3
        half = slice(0, width // 2) if name == "one" else slice(width // 2, width)
        picture[sway:height, half] = 200
    return picture


def film(names: Sequence[str], late: int = -1) -> list[Picture]:
    """A picture for each name, 25 a second, H264; one may arrive 100 ms late, and all after it."""
    pictures: list[Picture] = []
    codec: VideoCodecContext | None = None
    for number, name in enumerate(names):
        if codec is None or (codec.width, codec.height) != SIZES[name]:
            made = av.CodecContext.create("libx264", "w")
            assert isinstance(made, VideoCodecContext)
            codec = made
            codec.width, codec.height, codec.pix_fmt = *SIZES[name], "yuv420p"
            codec.time_base, codec.options = Fraction(1, 25), {"tune": "zerolatency"}
        frame = VideoFrame.from_ndarray(face(name, number), format="yuv420p")
        frame.pts = number
        encoded = b"".join(bytes(each) for each in codec.encode(frame))
        arrived_s = 10 + number * FRAME_S + (0.1 if 0 <= late <= number else 0.0)
        pictures.append(Picture(number * 3600, arrived_s, encoded, "H264", key=False))
    return pictures


def changed(sent_s: float, done_s: float) -> Change:
    return Change(sent_s, sent_s + 0.002, done_s)


def test_a_change_is_timed_to_the_first_picture_of_the_other_face() -> None:
    names = ["one"] * 25 + ["other"] * 25 + ["one"] * 25
    changes = [changed(10 + 24.5 * FRAME_S, 10 + 49.2 * FRAME_S), changed(10 + 49.75 * FRAME_S, 13.0)]
    first, second = look(film(names), changes)
    assert first.until_seen_ms == pytest.approx(0.5 * 40, abs=0.2)
    assert second.until_seen_ms == pytest.approx(0.25 * 40, abs=0.2)
    assert first.longest_gap_ms == second.longest_gap_ms == pytest.approx(40, abs=0.2)
    assert (first.dark, second.dark) == (0, 0)
    assert (first.old_again, second.old_again) == (0, 0)


def test_dark_pictures_and_gaps_in_a_change_are_told() -> None:
    names = ["one"] * 25 + ["black"] * 3 + ["other"] * 22
    (seen,) = look(film(names, late=28), [changed(10 + 24.5 * FRAME_S, 12.1)])
    assert seen.dark == 3
    assert seen.longest_gap_ms == pytest.approx(140, abs=0.2)
    assert seen.until_seen_ms == pytest.approx(3.5 * 40 + 100, abs=0.2)


def test_an_old_face_that_comes_back_for_a_moment_is_told() -> None:
    names = ["one"] * 25 + ["other"] * 10 + ["one"] + ["other"] * 14
    (seen,) = look(film(names), [changed(10 + 24.5 * FRAME_S, 12.1)])
    assert seen.old_again == 1


def test_a_face_that_was_never_seen_before_it_changed_is_no_figure() -> None:
    with pytest.raises(BenchError, match="no picture came before"):
        look(film(["one"] * 25), [changed(9.0, 12.1)])


def test_a_face_that_never_came_is_no_figure() -> None:
    with pytest.raises(BenchError, match="did not come"):
        look(film(["one"] * 50), [changed(10.98, 12.1)])
