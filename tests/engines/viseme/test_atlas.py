"""The atlas painter, on the default avatar."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.engines.viseme.atlas import FORM_WEIGHTS, Atlas, form_of
from livetalk.engines.viseme.shape import PARAMETERS, REST
from livetalk.errors import AvatarError
from livetalk.types import Float32Array, Picture

DEFAULT = Path(__file__).parents[3] / "data" / "avatars" / "default"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> AvatarBundle:
    return open_bundle(DEFAULT, tmp_path_factory.mktemp("frames"))


@pytest.fixture(scope="module")
def atlas(bundle: AvatarBundle) -> Atlas:
    kind, file = bundle.engine_file("viseme")
    assert kind == "atlas"
    return Atlas.open(bundle, file)


def shape(**values: float) -> Float32Array:
    made: Float32Array = REST.copy()
    for name, value in values.items():
        made[PARAMETERS.index(name)] = value
    return made


def luma(picture: Picture) -> Float32Array:
    return np.asarray(picture[: len(picture) * 2 // 3], np.float32)


def change(atlas: Atlas, mouth: Float32Array, frame: int = 0) -> Float32Array:
    return np.asarray(np.abs(luma(atlas.paint(mouth, frame)) - luma(atlas.bundle.pictures[frame])))


def dark_pixels(atlas: Atlas, mouth: Float32Array) -> int:
    """Inner mouth: what is far darker than the resting face at the same place."""
    painted, rest = luma(atlas.paint(mouth, 0)), luma(atlas.bundle.pictures[0])
    return int(np.count_nonzero((painted < 62) & (rest - painted > 45)))


@pytest.mark.parametrize("frame", [0, 33, 224])
def test_rest_gives_back_the_idle_picture(atlas: Atlas, frame: int) -> None:
    painted = atlas.paint(REST, frame)
    assert np.array_equal(painted, atlas.bundle.pictures[frame])
    assert painted.flags.writeable


def test_the_inner_mouth_grows_with_the_jaw(atlas: Atlas) -> None:
    areas = [dark_pixels(atlas, shape(jaw=jaw)) for jaw in np.linspace(0, 1, 9)]
    assert areas[0] == 0
    assert areas == sorted(areas)
    assert areas[-1] > 400


def test_every_step_of_the_jaw_is_a_small_one(atlas: Atlas) -> None:
    pictures = [luma(atlas.paint(shape(jaw=jaw), 0)) for jaw in np.linspace(0, 1, 41)]
    whole = np.abs(pictures[-1] - pictures[0]).sum()
    steps = np.abs(np.diff(pictures, axis=0)).sum(axis=(1, 2))
    assert steps.max() < 0.2 * whole


def test_a_small_change_of_the_shape_is_a_small_change_of_the_picture(atlas: Atlas) -> None:
    dice = np.random.default_rng(3)
    whole = change(atlas, shape(jaw=1)).sum()
    for _ in range(150):
        mouth: Float32Array = shape(jaw=dice.random() * 0.8)
        mouth[dice.integers(1, 7)] = dice.random()
        nudged: Float32Array = mouth + dice.uniform(-0.02, 0.02, 7).astype(np.float32)
        step = np.abs(luma(atlas.paint(mouth, 0)) - luma(atlas.paint(nudged, 0))).sum()
        assert step < 0.3 * whole


@pytest.mark.parametrize("jaw", [0.0, 0.3, 1.0])
def test_closed_lips_shut_the_mouth_whatever_the_jaw_is(atlas: Atlas, jaw: float) -> None:
    assert dark_pixels(atlas, shape(jaw=jaw, closed=1)) == 0
    assert atlas.choose(shape(jaw=jaw, closed=1)) == atlas.choose(shape(closed=1))


def test_a_round_mouth_is_narrower_than_a_wide_one(atlas: Atlas) -> None:
    def width(mouth: Float32Array) -> int:
        painted, rest = luma(atlas.paint(mouth, 0)), luma(atlas.bundle.pictures[0])
        columns = ((painted < 80) & (rest - painted > 30)).any(axis=0)
        return int(np.ptp(np.flatnonzero(columns)))

    assert width(shape(jaw=0.5, round=1)) < 0.8 * width(shape(jaw=0.5, wide=1))


@pytest.mark.parametrize("form", ["jaw", "wide", "round", "closed", "tuck", "tongue", "teeth"])
def test_every_parameter_is_seen(atlas: Atlas, form: str) -> None:
    assert np.count_nonzero(change(atlas, shape(**{form: 1.0})) > 12) > 100


@pytest.mark.parametrize("frame", [0, 57, 160])
def test_a_mouth_ends_without_a_seam(atlas: Atlas, frame: int) -> None:
    difference = change(atlas, shape(jaw=1), frame)
    rows, columns = np.nonzero(difference)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    border = np.concatenate((difference[top], difference[bottom], difference[:, left], difference[:, right]))
    assert border.max() <= 5
    difference[top : bottom + 1, left : right + 1] = 0
    assert not difference.any()
    assert bottom - top < 140
    assert right - left < 200


def test_values_outside_the_range_are_clipped(atlas: Atlas) -> None:
    assert np.array_equal(atlas.paint(shape(jaw=3), 5), atlas.paint(shape(jaw=1), 5))
    assert np.array_equal(atlas.paint(shape(jaw=-2, wide=-1), 5), atlas.bundle.pictures[5])


def test_four_threads_paint_what_one_paints(atlas: Atlas) -> None:
    dice = np.random.default_rng(1)
    jobs = [(dice.random(7, np.float32), int(frame)) for frame in dice.integers(0, 225, 80)]
    alone = [atlas.paint(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: atlas.paint(*job), jobs))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_shapes_that_look_alike_have_forms_that_are_alike() -> None:
    dice = np.random.default_rng(2)
    shapes = dice.random((500, 7), np.float32)
    nudged = shapes + dice.uniform(-0.01, 0.01, shapes.shape).astype(np.float32)
    assert np.abs(form_of(shapes) - form_of(nudged)).max() < 0.1
    assert not form_of(REST).any()


def test_a_foreign_file_is_refused(bundle: AvatarBundle, tmp_path: Path) -> None:
    noise = tmp_path / "noise.safetensors"
    noise.write_bytes(b"not a mouth")
    other = tmp_path / "other.safetensors"
    save_file({"weights": np.zeros(3, np.float32)}, other)
    for file in (noise, other, tmp_path / "missing.safetensors"):
        with pytest.raises(AvatarError, match="not a mouth atlas"):
            Atlas.open(bundle, file)


def test_an_atlas_of_another_loop_is_refused(bundle: AvatarBundle) -> None:
    shorter = AvatarBundle(bundle.folder, bundle.manifest, bundle.pictures[:-1])
    with pytest.raises(AvatarError, match="frames"):
        Atlas.open(shorter, bundle.engine_file("viseme")[1])


def test_openness_weighs_most() -> None:
    assert FORM_WEIGHTS.argmax() == 0
