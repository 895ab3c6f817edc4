from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.creation.looping import FITS, loop_of
from livetalk.types import Float32Array

GRAIN = np.random.default_rng(8).integers(30, 220, (40, 40)).astype(np.uint8)
GROUND = np.asarray(cv2.resize(GRAIN, (320, 320), interpolation=cv2.INTER_CUBIC), np.uint8)


def walked(places: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint8], Float32Array]:
    """Pictures of a body that is so far to the right in each, and its meshes."""
    pictures = []
    for place in places:
        luma = cv2.warpAffine(
            GROUND, np.array([(1, 0, place), (0, 1, 0)]), (320, 320), borderMode=cv2.BORDER_WRAP
        )
        pictures.append(np.concatenate((luma, np.full((160, 320), 128, np.uint8))))
    mesh = np.random.default_rng(9).uniform(50, 250, (468, 3)).astype(np.float32)
    meshes = np.broadcast_to(mesh, (len(places), 468, 3)).copy()
    meshes[..., 0] += places[:, None].astype(np.float32)
    return np.stack(pictures), meshes


def test_a_body_that_comes_back_goes_round() -> None:
    step = np.arange(100)
    loop = loop_of(*walked(20 * np.sin(2 * np.pi * step / 100)), "auto")
    assert loop.kind == "cycle"
    assert loop.frames >= 98
    assert loop.seam < FITS


def test_it_is_cut_where_its_end_fits_its_beginning() -> None:
    step = np.arange(120)
    loop = loop_of(*walked(20 * np.sin(2 * np.pi * step / 100)), "auto")
    assert loop.kind == "cycle"
    assert 98 <= loop.frames <= 102


def test_a_body_that_goes_away_walks_there_and_back() -> None:
    loop = loop_of(*walked(np.linspace(0, 60, 100)), "auto")
    assert (loop.kind, loop.frames) == ("pingpong", 100)
    assert loop.seam > FITS


def test_who_wants_it_to_go_round_gets_the_best_seam_there_is() -> None:
    loop = loop_of(*walked(np.linspace(0, 60, 100)), "cycle")
    assert loop.kind == "cycle"
    assert loop.seam > FITS


def test_who_wants_there_and_back_gets_all_of_it() -> None:
    loop = loop_of(*walked(20 * np.sin(2 * np.pi * np.arange(100) / 100)), "pingpong")
    assert (loop.kind, loop.frames) == ("pingpong", 100)


def test_a_face_that_jumps_is_a_seam_though_the_picture_does_not() -> None:
    pictures, meshes = walked(20 * np.sin(2 * np.pi * np.arange(100) / 100))
    meshes[70:, :, 1] += 40
    assert loop_of(pictures, meshes, "auto").kind == "pingpong"


def test_a_still_picture_is_a_loop() -> None:
    pictures, meshes = walked(np.zeros(1))
    assert loop_of(pictures, meshes, "auto").frames == 1
