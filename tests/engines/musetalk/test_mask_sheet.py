"""The picture of what is redrawn, by the mesh and by the face parser."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.engines.musetalk.boxes import Box, crop_box, face_box
from livetalk.engines.musetalk.classes import SKIN
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.mesh_labels import draw_labels
from scripts.musetalk_masks import CELL_PX, MODES, first_picture, overlap, row
from tests.engines.musetalk import mira


@pytest.fixture(scope="module")
def box() -> Box:
    return face_box(landmarks(mira.mesh()), np.zeros(4))


def test_a_row_shows_the_face_its_parts_and_each_mode(box: Box) -> None:
    picture = first_picture(mira.BODY)
    cells = np.split(row(picture, mira.mesh(), box, draw_labels(mira.mesh(), crop_box(box))), 5, axis=1)
    assert {cell.shape for cell in cells} == {(CELL_PX, CELL_PX, 3)}
    _, _, jaw, raw, neck = (float(cell.mean()) for cell in cells)
    assert jaw < raw < neck < float(cells[0].mean())


def test_masks_that_are_one_agree_wholly_and_others_by_what_they_share(box: Box) -> None:
    labels = draw_labels(mira.mesh(), crop_box(box))
    half = labels.copy()
    half[:, 256:] = 0
    for mode in MODES:
        assert overlap(labels, labels, mode, box) == 1
        assert 0.4 < overlap(labels, half, mode, box) < 0.6
    assert overlap(np.zeros_like(labels), np.zeros_like(labels), "raw", box) == 0
    assert overlap(labels, np.full_like(labels, SKIN), "raw", box) < 1
