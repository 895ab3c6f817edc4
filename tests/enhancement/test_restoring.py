from __future__ import annotations

import numpy as np

from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import Action, Manifest
from livetalk.enhancement.network import Face
from livetalk.enhancement.restoring import Part, parts_of, restored
from livetalk.types import Float32Array
from tests.engines.musetalk.mira import footage, mesh

MANIFEST = Manifest(
    schema_version=1,
    id="anna",
    name="Anna",
    width=512,
    height=512,
    fps=25,
    frames=3,
    loop="cycle",
    video="body.mp4",
    thumbnail="thumbnail.jpg",
    source="",
    licence="",
    engines={},
    actions={
        "turn": Action(first=5, frames=2, video="turn.mp4", lips=False),
        "wave": Action(first=3, frames=2, video="wave.mp4"),
        "line": Action(first=7, frames=2, video="line.mp4", lips=False, sound="line.flac"),
    },
    checksums={},
)


def brighter(face: Face) -> Float32Array:
    return np.clip(face.astype(np.float32) + 20, 0, 255)


def unchanged(face: Face) -> Float32Array:
    return face.astype(np.float32)


def test_a_loop_and_actions_are_parts_and_one_without_a_face_is_known() -> None:
    meshes = np.stack([mesh()] * 9)
    meshes[8] += 1
    assert parts_of(MANIFEST, meshes) == [
        Part(0, 3, True, True),
        Part(3, 2, False, True),
        Part(5, 2, False, False),
        Part(7, 2, False, True),
    ]


def test_a_body_that_is_walked_there_and_back_leads_nowhere_at_its_end() -> None:
    there = MANIFEST.model_copy(update={"loop": "pingpong", "actions": {}})
    assert parts_of(there, np.stack([mesh()] * 3)) == [Part(0, 3, False, True)]


def test_every_picture_is_restored_and_what_shows_no_face_stays() -> None:
    body = footage(4)
    parts = [Part(0, 2, True, True), Part(2, 1, False, False), Part(3, 1, False, True)]
    made = list(restored(body, parts, brighter, 1.0))
    nose = tuple(mesh()[1, 1::-1].astype(int))
    differ = [int(new[nose]) - int(old[nose]) for new, old in zip(made, body.pictures, strict=True)]
    assert differ[2] == 0
    assert all(10 < each < 25 for each in (differ[0], differ[1], differ[3]))
    for new, old in zip(made, body.pictures, strict=True):
        assert np.array_equal(new[:60], old[:60])
        assert np.array_equal(new[:512, :30], old[:512, :30])


def test_strength_weighs_what_the_network_changed() -> None:
    body = footage(1)
    nose = tuple(mesh()[1, 1::-1].astype(int))
    part = [Part(0, 1, False, True)]
    none, half, whole = (next(restored(body, part, brighter, each)) for each in (0.0, 0.5, 1.0))
    assert np.array_equal(none, body.pictures[0])
    assert abs(2 * (int(half[nose]) - none[nose]) - (int(whole[nose]) - none[nose])) <= 2


def test_a_network_that_changes_nothing_leaves_all_pictures_to_the_bit() -> None:
    body = footage(3)
    assert np.array_equal(list(restored(body, [Part(0, 3, True, True)], unchanged, 1.0)), body.pictures)


def test_a_face_that_moves_finer_than_a_pixel_is_followed() -> None:
    """What is painted onto the nose goes with it, though the picture stands still."""
    pictures = np.full((4, 512 * 3 // 2, 512), 100, np.uint8)
    meshes = np.stack([mesh()] * 4)
    meshes[:, :, 0] += np.arange(4)[:, None] * np.float32(0.3)

    def painted(face: Face) -> Float32Array:
        rows, columns = np.mgrid[:512, :512]
        spot = 80 * np.exp(-((columns - 256) ** 2 + (rows - 300) ** 2) / 400)
        return np.asarray(face + spot[..., None], np.float32)

    made = restored(Footage(pictures, meshes), [Part(0, 4, False, True)], painted, 1.0)
    seen = [each[:512].astype(float) - 100 for each in made]
    across = [(each * np.arange(512)).sum() / each.sum() for each in seen]
    assert np.allclose(np.diff(across), 0.3, atol=0.05)
