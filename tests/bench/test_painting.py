"""Faces brought to a size, for the painters' costs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.painting import EDGE_PX, FACE_SHARE, framed
from livetalk.avatar.footage import Footage

NOSE, CHIN = (300.0, 200.0), (320.0, 290.0)


def test_a_face_is_brought_to_the_usual_size_with_its_landmarks() -> None:
    colours = np.zeros((400, 600, 3), np.uint8)
    for x, y in (NOSE, CHIN):
        cv2.circle(colours, (round(x), round(y)), 12, (255, 255, 255), -1)
    picture = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2YUV_I420), np.uint8)
    mesh = np.zeros((1, 468, 3), np.float32)
    mesh[:, :, :2] = (310, 240)
    mesh[0, 2, :2], mesh[0, 152, :2] = NOSE, CHIN

    footage = framed(Footage(picture[None], mesh))

    nose, chin = footage.meshes[0, [2, 152], :2]
    assert (footage.width, footage.height) == (EDGE_PX, EDGE_PX)
    assert np.linalg.norm(chin - nose) == pytest.approx(FACE_SHARE * EDGE_PX, rel=1e-3)
    luma = footage.pictures[0, :EDGE_PX].astype(int)
    for x, y in (nose, chin):
        assert luma[round(float(y)), round(float(x))] > 200
    assert luma[8, 8] < 40
