from __future__ import annotations

import numpy as np
import pytest

from livetalk.enhancement.align import FACE_PX
from livetalk.enhancement.calming import NEIGHBOURS, Change, calmed, change
from livetalk.enhancement.network import Face
from livetalk.types import Float32Array


def flat(level: float) -> Float32Array:
    return np.full((FACE_PX, FACE_PX, 3), level, np.float32)


def face(level: int = 90) -> Face:
    return np.full((FACE_PX, FACE_PX, 3), level, np.uint8)


def middles(found: list[Float32Array]) -> list[float]:
    """What was changed at the middle of the squares."""
    return [float(each[256, 256, 0]) for each in found]


def test_what_a_network_makes_up_anew_in_each_picture_is_averaged() -> None:
    random = np.random.default_rng(3)
    noise = random.normal(0, 8, (12, FACE_PX, FACE_PX, 3)).astype(np.float32)
    made_up = [Change(flat(0)[:128, :128], each) for each in noise]
    found = list(calmed(12, made_up.__getitem__, cyclic=False))
    assert np.std(np.diff(found, axis=0)) < 0.4 * np.std(np.diff(noise, axis=0))


def test_a_picture_that_looks_otherwise_keeps_its_own() -> None:
    """As in a blink: what was made up for an open eye does not shine through the lid."""
    shown = [change(face(), flat(10)) for _ in range(7)]
    shown[3] = change(face(150), flat(-40))
    assert middles(list(calmed(7, shown.__getitem__, cyclic=False))) == pytest.approx(
        [10] * 3 + [-40] + [10] * 3
    )


def test_a_blink_is_kept_where_it_is_and_the_rest_is_averaged() -> None:
    closed = face()
    closed[:200] = 160
    shown = [change(face(), flat(0)), change(closed, flat(30)), change(face(), flat(0))]
    blink = list(calmed(3, shown.__getitem__, cyclic=False))[1]
    assert blink[100, 256, 0] == pytest.approx(30, abs=0.1)
    assert blink[400, 256, 0] == pytest.approx(10, abs=0.1)


def test_a_loop_goes_on_from_its_end_and_a_clip_does_not() -> None:
    shown = [change(face(), flat(100 if number == 0 else 0)) for number in range(10)]
    share = 100 / (2 * NEIGHBOURS + 1)
    assert middles(list(calmed(10, shown.__getitem__, cyclic=True)))[-1] == pytest.approx(share)
    assert middles(list(calmed(10, shown.__getitem__, cyclic=False)))[-1] == 0


@pytest.mark.parametrize("cyclic", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 11])
def test_the_network_is_asked_once_for_each_picture_when_it_is_needed(count: int, cyclic: bool) -> None:
    asked: list[int] = []

    def look(number: int) -> Change:
        asked.append(number)
        return change(face(), flat(number))

    found = calmed(count, look, cyclic=cyclic)
    next(found)
    assert len(asked) <= 2 * NEIGHBOURS + 1
    assert len([*found]) == count - 1
    assert sorted(asked) == list(range(count))
