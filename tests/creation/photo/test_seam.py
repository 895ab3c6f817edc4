"""The cheapest path through a picture of costs."""

from __future__ import annotations

import numpy as np

from livetalk.creation.photo.seam import seam


def test_a_path_follows_an_edge_and_crosses_a_gap_in_it() -> None:
    edge = np.rint(5 + 3 * np.sin(np.arange(40) / 6)).astype(int)
    cost = np.zeros((12, 40), np.float32)
    cost[edge, np.arange(40)] = -1
    cost[:, 18:22] = 0
    found = seam(cost, 0.1)
    assert (found[:18] == edge[:18]).all()
    assert (found[22:] == edge[22:]).all()
    assert np.abs(np.diff(found[16:24])).sum() == edge[17] - edge[22]


def test_a_stiff_path_does_not_jump_to_a_stray_point() -> None:
    cost = np.zeros((12, 30), np.float32)
    cost[3] = -1
    cost[10, 15] = -3
    assert (seam(cost, 0.5) == 3).all()
    assert seam(cost, 0.05)[15] == 10
