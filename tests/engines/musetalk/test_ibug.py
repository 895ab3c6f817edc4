"""68 points out of the mesh."""

from __future__ import annotations

import numpy as np

from livetalk.engines.musetalk.ibug import MIRRORED, PAIRS, landmarks
from tests.engines.musetalk import mira

MEAN_FACE = {27: 0.203, 28: 0.307, 29: 0.410, 30: 0.516, 33: 0.628, 51: 0.742, 57: 0.909}
"""how far down some of 300-W's mean face's points are, where its eyes' outer corners are at 0.216"""


def test_the_points_are_where_their_names_say_they_are() -> None:
    points = landmarks(mira.mesh())
    assert points.shape == (68, 2)
    jaw, brows, bridge, eyes, lips = points[:17], points[17:27], points[27:31], points[36:48], points[48:]
    assert np.all(np.diff(jaw[:, 0]) > 0)
    assert jaw[:, 1].argmax() == 8
    assert brows[:, 1].max() < eyes[:, 1].min()
    assert np.all(np.diff(bridge[:, 1]) > 0)
    assert eyes[:6, 0].max() < bridge[:, 0].min() < bridge[:, 0].max() < eyes[6:, 0].min()
    assert bridge[:, 1].max() < points[31:36, 1].min() < points[31:36, 1].max() < lips[:, 1].min()
    assert lips[:, 1].max() < jaw[8, 1]


def test_the_bridge_is_divided_as_in_the_mean_face() -> None:
    points = landmarks(mira.mesh())
    eyes = points[[36, 39, 42, 45], 1].mean()
    for point in (28, 29, 30):
        share = (points[point, 1] - eyes) / (points[33, 1] - eyes)
        expected = (MEAN_FACE[point] - 0.23) / (MEAN_FACE[33] - 0.23)
        assert abs(share - expected) < 0.07, point


def test_a_point_of_two_lies_in_their_middle() -> None:
    mesh = np.zeros((2, 468, 3), np.float32)
    mesh[1, PAIRS[29, 0]] = (10, 20, 30)
    mesh[1, PAIRS[29, 1]] = (20, 40, 30)
    assert landmarks(mesh)[1, 29].tolist() == [15, 30]
    assert landmarks(mesh)[0].max() == 0


def test_a_mirror_changes_sides_and_nothing_twice() -> None:
    points = landmarks(mira.mesh())
    mirrored = points[[*MIRRORED]] * (-1, 1)
    middle = points[[27, 30, 33, 8], 0].mean()
    across = np.abs(mirrored[:, 0] + 2 * middle - points[:, 0])
    assert across.max() < 12
    assert np.abs(mirrored[:, 1] - points[:, 1]).max() < 12
    assert np.array_equal(np.array(MIRRORED)[[*MIRRORED]], np.arange(68))
    assert {each for each in range(68) if MIRRORED[each] == each} == {8, 27, 28, 29, 30, 33, 51, 57, 62, 66}
