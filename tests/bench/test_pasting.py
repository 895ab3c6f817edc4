"""What bench.pasting measures: movement in a box, and what laying a face leaves behind."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from bench.footage import Asked
from bench.pasting import followed, measure, shake, slip
from livetalk.engines.musetalk.turned import TurnedBox
from tests.engines.musetalk import mira
from tests.face_networks import face_networks

SHARED = Path(__file__).resolve().parents[3] / "shared" / "media"
STEPS = np.array([(0.0, 0.0), (0.6, 0.0), (0.0, 0.8), (0.6, 0.8)] * 3)


def moving() -> npt.NDArray[np.uint8]:
    """Mira, elsewhere by some fractions of a pixel in each picture."""
    still = mira.colours(mira.footage(1).pictures[0])
    pictures = []
    for x, y in STEPS:
        by = np.array([(1, 0, x), (0, 1, y)])
        shown = cv2.warpAffine(still, by, (512, 512), flags=cv2.INTER_CUBIC)
        pictures.append(np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2YUV_I420), np.uint8))
    return np.stack(pictures)


def test_what_moves_in_a_box_that_stands_slips_and_what_the_box_follows_does_not() -> None:
    standing = [TurnedBox(262, 250, 190, 200, 0.0)] * len(STEPS)
    following = [TurnedBox(262 + x, 250 + y, 190, 200, 0.0) for x, y in STEPS]
    truth = np.sqrt((np.diff(STEPS, axis=0) ** 2).sum(axis=1).mean())
    assert slip(moving(), standing) == pytest.approx(truth, rel=0.1)
    assert slip(moving(), following) < 0.05


def test_a_box_that_goes_evenly_does_not_shake() -> None:
    evenly = [TurnedBox(100 + 0.7 * step, 90 - 0.2 * step, 80, 90, 0.1) for step in range(9)]
    assert shake(evenly) < 1e-9
    jumping = [TurnedBox(round(100 + 0.7 * step), 90, 80, 90, 0.1) for step in range(9)]
    assert shake(jumping) > 0.3


@pytest.mark.shared
@pytest.mark.parametrize("clip", ["sun.mp4", "yongen.mp4"])
def test_on_real_clips_a_turned_box_slips_less_than_half_as_much(
    clip: str, pytestconfig: pytest.Config
) -> None:
    path = SHARED / clip
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    assert pytestconfig.cache is not None
    models = face_networks(pytestconfig.cache)
    rows = {
        row.way: row for row in measure(clip, followed(Asked((), models, 2.0).pictures(path), models), models)
    }
    upright, turned = rows["upright"], rows["turned"]
    assert turned.slip_px < 0.5 * upright.slip_px
    assert turned.back_db > upright.back_db - 1
    assert turned.back_db > 45
    assert rows["turned, poisson"].light < 0.15 * turned.light
