from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.recipe import Recipe
from livetalk.cancellation import Cancellation
from livetalk.creation.bench import bench_in
from livetalk.creation.limits import Limits
from livetalk.creation.making import Places, make_preview
from livetalk.creation.preview import LONGER_PX, TINT, drawn
from livetalk.creation.worker import Told
from livetalk.errors import AvatarError, Cancelled
from livetalk.protocols import Redrawn
from tests.clips import grey, mira, write_clip, write_photo
from tests.creation.test_making import posix, workers

Colours = npt.NDArray[np.uint8]


@pytest.fixture
def places(tmp_path: Path, face_models: Path) -> Iterator[Places]:
    """Avatars, among which nothing is left of a preview."""
    made = Places(tmp_path / "avatars", face_models, "cpu")
    yield made
    assert not list(made.avatars.glob("*"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "face.png", mira(1)[0])


def previewed(source: Path, places: Places, **choices: object) -> Colours:
    with bench_in(places.avatars) as bench:
        recipe = Recipe.model_validate(choices)
        content = make_preview(source, recipe, places, bench, lambda _told: None, Cancellation())
    assert content.startswith(b"\xff\xd8\xff")
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def tinted(picture: Colours) -> npt.NDArray[np.bool_]:
    """What the coloured line surrounds."""
    line = (np.abs(picture.astype(int) - TINT).max(axis=2) < 60).astype(np.uint8)
    found, _ = cv2.findContours(line, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(line)
    cv2.drawContours(filled, [each for each in found if cv2.contourArea(each) > 500], -1, (1,), cv2.FILLED)
    return np.asarray(filled > 0)


def box_of(picture: Colours) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the white lines reach, which may be tilted."""
    white: Colours = np.asarray((picture > 230).all(axis=2), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(white)
    left, top, width, height, _ = max(stats[1:].tolist(), key=lambda each: each[2] * each[3])
    return left, top, left + width, top + height


def test_a_photo_shows_its_box_and_what_is_redrawn_in_its_lower_half(photo: Path, places: Places) -> None:
    picture = previewed(photo, places)
    assert max(picture.shape) == LONGER_PX
    left, top, right, bottom = box_of(picture)
    assert right - left > 250, "the face is large"
    rows, columns = np.nonzero(tinted(picture))
    assert left - 3 < columns.min() < columns.max() < right + 3
    assert rows.max() < bottom + 3
    assert np.median(rows) > (top + bottom) / 2


def test_of_a_clip_it_is_the_picture_where_the_part_begins(tmp_path: Path, places: Places) -> None:
    frames = [*[grey(90, 512, 512)] * 25, *mira(25)]
    clip = write_clip(tmp_path / "clip.mp4", frames)
    with pytest.raises(AvatarError, match="no face was found"):
        previewed(clip, places)
    assert tinted(previewed(clip, places, start_s=1.2)).any()
    with pytest.raises(AvatarError, match="from second 60 on; choose another part"):
        previewed(clip, places, start_s=60)


def test_each_control_changes_what_is_seen(photo: Path, places: Places) -> None:
    usual = previewed(photo, places)

    def changed(**musetalk: object) -> int:
        other = previewed(photo, places, musetalk=musetalk)
        return int((np.abs(other.astype(int) - usual).max(axis=2) > 40).sum())

    assert changed() == 0
    assert changed(parsing_mode="raw") > 2000
    assert changed(parsing_mode="neck") > 2000
    assert changed(left_cheek_width=20) > 1000
    assert changed(right_cheek_width=20) > 1000
    margins = [box_of(previewed(photo, places, musetalk={"extra_margin": each})) for each in (0, 60)]
    ratios = [(bottom - top) / (right - left) for left, top, right, bottom in margins]
    assert ratios[1] > 1.1 * ratios[0]
    shifted = [
        box_of(previewed(photo, places, musetalk={"version": "v10", "bbox_shift": each}))
        for each in (-15, 15)
    ]
    heights = [(bottom - top) / (right - left) for left, top, right, bottom in shifted]
    assert heights[0] > 1.1 * heights[1]


def test_the_chosen_face_is_shown(tmp_path: Path, places: Places) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = mira(1)[0]
    two[100:400, 600:900] = cv2.resize(mira(1)[0], (300, 300), interpolation=cv2.INTER_AREA)
    photo = write_photo(tmp_path / "two.png", two)
    first, second = (previewed(photo, places, face=each) for each in (1, 2))
    assert tinted(first).any()
    assert tinted(second).any()
    assert np.abs(first[:100, :100].astype(int) - second[:100, :100]).mean() > 5
    with pytest.raises(AvatarError, match="there is no face 3"):
        previewed(photo, places, face=3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is not a clip"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "damaged"),
        (b"\xff\xd8\xff" + b"\x11" * 400, "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_as_in_making(
    tmp_path: Path, places: Places, content: bytes, said: str
) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(AvatarError, match=said):
        previewed(tmp_path / "x.png", places)


def test_a_face_that_is_too_small_to_redraw_is_told(tmp_path: Path, places: Places) -> None:
    wall = grey(90, 640, 480)
    wall[100:156, 100:156] = cv2.resize(mira(1)[0], (56, 56), interpolation=cv2.INTER_AREA)
    with pytest.raises(AvatarError, match=r"no face was found|too small"):
        previewed(write_photo(tmp_path / "far.png", wall), places)


@posix
def test_what_crashes_or_is_not_wanted_any_more_leaves_nothing(photo: Path, places: Places) -> None:
    def disturbed(disturb: signal.Signals | None) -> BaseException | None:
        cancel = Cancellation()

        def hear(told: Told) -> None:
            if disturb is None:
                cancel.cancel()
            else:
                for pid in workers():
                    os.kill(pid, disturb)

        try:
            with bench_in(places.avatars) as bench:
                make_preview(photo, Recipe(), places, bench, hear, cancel)
        except (AvatarError, Cancelled) as error:
            return error
        return None

    assert "crashed what reads it" in str(disturbed(signal.SIGSEGV))
    assert isinstance(disturbed(None), Cancelled)
    assert workers() == []


def test_what_takes_too_long_is_ended(photo: Path, places: Places) -> None:
    hurried = Places(places.avatars, places.models, "cpu", Limits(preview_s=0.05))
    with pytest.raises(AvatarError, match="took too long"):
        previewed(photo, hurried)


def test_a_turned_box_is_drawn_as_it_is_and_nothing_beyond_it() -> None:
    opacity = np.zeros((400, 300), np.uint8)
    opacity[200:260, 120:180] = 255
    corners = np.array([(150, 100), (230, 200), (150, 300), (70, 200)], np.float32)
    picture = drawn(np.full((400, 300, 3), 90, np.uint8), Redrawn(corners, opacity))
    assert max(picture.shape) == LONGER_PX
    white = (picture > 230).all(axis=2)
    rows, columns = np.nonzero(white)
    assert abs(int(columns[rows.argmin()]) - picture.shape[1] * 150 / 300) < 6
    changed = np.abs(picture.astype(int) - 90).max(axis=2) > 20
    assert changed[:, :3].sum() == 0
    middle = picture[picture.shape[0] * 230 // 400, picture.shape[1] // 2]
    assert middle[0] - middle[2] > 0.3 * (TINT[0] - TINT[2])


def test_a_box_beyond_the_picture_is_drawn_as_far_as_there_is_one() -> None:
    corners = np.array([(-500, -20), (80, -20), (80, 3000), (-500, 3000)], np.float32)
    picture = drawn(np.full((64, 2000, 3), 90, np.uint8), Redrawn(corners, np.zeros((64, 2000), np.uint8)))
    assert max(picture.shape) == LONGER_PX
    assert min(picture.shape[:2]) >= 1
