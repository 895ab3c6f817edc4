"""A warp file made of footage, on drawn faces."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import Recipe
from livetalk.engines.viseme import warp_points as points
from livetalk.engines.viseme.preparing import VisemePreparer
from livetalk.errors import AvatarError
from tests.engines.viseme.drawn_face import DrawnFace
from tests.engines.viseme.test_lip_line import pictures

FACES = [DrawnFace(), DrawnFace(x=196)]


def prepared(faces: list[DrawnFace], folder: Path) -> list[float]:
    meshes = np.stack([np.pad(face.mesh(), ((0, 0), (0, 1))) for face in faces])
    told: list[float] = []
    VisemePreparer(Path(), "cpu").prepare(Footage(pictures(FACES), meshes), Recipe(), folder, told.append)
    return told


def test_the_landmarks_that_are_written_are_those_of_the_pictures_lips(tmp_path: Path) -> None:
    assert prepared(FACES, tmp_path)[-1] == 1
    landmarks = load_file(tmp_path / "viseme.safetensors")["landmarks"]
    meshed = points.select(np.stack([face.mesh() for face in FACES]))
    assert landmarks.shape == meshed.shape
    for frame, mesh in zip(landmarks, meshed, strict=True):
        assert points.of(frame, 61)[0] < points.of(mesh, 61)[0] - 2
        assert points.of(frame, 291)[0] > points.of(mesh, 291)[0] + 2


def test_a_mouth_too_small_to_be_opened_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="pixels wide"):
        prepared([replace(face, scale=0.1) for face in FACES], tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such limit there")
def test_what_the_disk_does_not_hold_is_told_as_any_file_is(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            prepared(FACES, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
