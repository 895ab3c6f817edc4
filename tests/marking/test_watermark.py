"""The invisible mark: not seen, found again after what happens to clips, not found where it is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from livetalk.marking.detection import CERTAIN, Detector, Finding, found_in
from livetalk.marking.watermark import Directions, Watermark
from livetalk.types import Picture, planes
from tests.marking.pictures import luma_and_keys, psnr_db, talking, through_h264

PAYLOAD = 0xC0FFEE42


def marked(pictures: list[Picture]) -> list[Picture]:
    """Copies with the mark."""
    watermark = Watermark(PAYLOAD)
    copies = [picture.copy() for picture in pictures]
    for copy in copies:
        watermark.draw(copy)
    return copies


@pytest.fixture(scope="module")
def clip() -> list[Picture]:
    return talking(100)


@pytest.fixture(scope="module")
def marked_clip(clip: list[Picture]) -> list[Picture]:
    return marked(clip)


def test_the_mark_is_weak_and_leaves_colours_alone(clip: list[Picture], marked_clip: list[Picture]) -> None:
    assert psnr_db(clip, marked_clip) > 45
    for before, after in zip(clip, marked_clip, strict=True):
        np.testing.assert_array_equal(planes(before)[1], planes(after)[1])


def test_what_stands_still_does_not_flicker(clip: list[Picture], marked_clip: list[Picture]) -> None:
    rows = slice(planes(clip[0])[0].shape[0] * 7 // 8, None)  # below the face nothing moves
    mark = [
        planes(after)[0][rows].astype(int) - planes(before)[0][rows]
        for before, after in zip(clip, marked_clip, strict=True)
    ]
    assert np.std(mark[0]) > 0.3
    assert all(np.array_equal(each, mark[0]) for each in mark)


@pytest.mark.parametrize("crf", [26, 32])
def test_it_is_read_after_h264(marked_clip: list[Picture], crf: int) -> None:
    finding = found_in(luma_and_keys(through_h264(marked_clip, crf)))
    assert finding.payload == PAYLOAD
    assert finding.chance < 1e-9


def test_it_is_read_at_half_the_size_encoded_again(marked_clip: list[Picture]) -> None:
    once = through_h264(marked_clip, 26)
    height, width = planes(once[0])[0].shape
    again = through_h264(once, 26, (width // 2, height // 2), key_every=250)
    finding = found_in(luma_and_keys(again, 250))
    assert finding.payload == PAYLOAD
    assert finding.certain


def test_it_is_read_within_black_bars(marked_clip: list[Picture]) -> None:
    height, width = planes(marked_clip[0])[0].shape
    framed = through_h264(marked_clip, 26, (height * 16 // 9 // 2 * 2, height))
    assert planes(framed[0])[0].shape[1] > width
    assert found_in(luma_and_keys(framed)).payload == PAYLOAD


def test_one_picture_is_enough(marked_clip: list[Picture]) -> None:
    finding = found_in([(planes(marked_clip[0])[0], True)])
    assert finding.payload == PAYLOAD
    assert finding.certain


def test_key_frames_that_keep_it_are_enough(clip: list[Picture], marked_clip: list[Picture]) -> None:
    between = [(planes(picture)[0], False) for picture in clip[1:40]]
    finding = found_in([(planes(marked_clip[0])[0], True), *between])
    assert finding.payload == PAYLOAD
    assert finding.certain


def test_certain_is_what_happens_by_chance_once_in_a_million_clips() -> None:
    assert Finding(None, 1e-6, 0.5, 1).certain
    assert not Finding(PAYLOAD, 1.1e-6, 0.5, 1).certain


def test_nothing_is_found_in_a_clip_without_it(clip: list[Picture]) -> None:
    finding = found_in(luma_and_keys(through_h264(clip, 26)))
    assert not finding.certain


def test_chance_findings_are_as_rare_as_is_claimed(clip: list[Picture]) -> None:
    """Unmarked pictures under many keys, as if each key's mark was looked for."""
    chances = []
    for number in range(400):
        detector = Detector(Directions(b"another key %d" % number))
        for luma, key in luma_and_keys(clip[:60:20], 1):
            detector.add(luma, key)
        chances.append(detector.finding().chance)
    for claimed in (0.5, 0.1, 0.01):
        assert np.mean(np.array(chances) <= claimed) <= claimed
    assert min(chances) > CERTAIN


def test_black_and_white_pictures_are_marked_without_wrapping_around() -> None:
    for level in (16, 235, 0, 255):
        picture = np.full((96, 64), level, np.uint8)
        Watermark(PAYLOAD).draw(picture)
        assert np.abs(picture.astype(int) - level).max() < 12


def test_any_size_can_be_marked() -> None:
    for width, height in ((64, 64), (142, 250), (1280, 720)):
        pictures = marked(talking(1, (width, height)))
        assert found_in([(planes(pictures[0])[0], True)]).payload == PAYLOAD


def test_a_still_as_jpeg_keeps_it(marked_clip: list[Picture]) -> None:
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(marked_clip[0], cv2.COLOR_YUV2BGR_I420))
    bgr = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert bgr is not None
    again = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).astype(np.uint8)
    assert found_in([(planes(again)[0], True)]).payload == PAYLOAD
