"""The warp painter, on drawn faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from livetalk.avatar.bundle import open_bundle
from livetalk.engines.viseme import warp_points as points
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.engines.viseme.shape import PARAMETERS, REST
from livetalk.engines.viseme.warp import Warp
from livetalk.engines.viseme.warp_face import measure
from livetalk.engines.viseme.warp_fields import ROUND, displacements
from livetalk.engines.viseme.warp_palette import sample
from livetalk.engines.viseme.warp_place import prepare
from livetalk.errors import AvatarError
from livetalk.types import Float32Array, Picture
from tests.engines.viseme.drawn_face import SIZE, DrawnFace, look, write_bundle

STILL = (DrawnFace(),)
MOVING = tuple(DrawnFace(x=180 + 6 * frame, y=220 - 3 * frame, roll=4.0 * frame) for frame in range(6))


def opened(folder: Path, faces: Sequence[DrawnFace]) -> Warp:
    bundle = open_bundle(write_bundle(folder / "drawn", faces), folder / "cache")
    return Warp.open(bundle, bundle.folder / "warp.safetensors")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Warp:
    return opened(tmp_path_factory.mktemp("still"), STILL)


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Warp:
    return opened(tmp_path_factory.mktemp("moving"), MOVING)


def shape(**values: float) -> Float32Array:
    made: Float32Array = REST.copy()
    for name, value in values.items():
        made[PARAMETERS.index(name)] = value
    return made


def change(warp: Warp, mouth: Float32Array, frame: int = 0) -> Float32Array:
    """(SIZE, SIZE), how much brighter or darker each pixel is than at rest."""
    painted, rest = warp.paint(mouth, frame), warp.bundle.pictures[frame]
    difference: Float32Array = np.abs(painted[:SIZE].astype(np.float32) - rest[:SIZE])
    return difference


@pytest.mark.parametrize("frame", [0, 3, 5])
def test_rest_is_the_idle_picture_itself(moving: Warp, frame: int) -> None:
    painted = moving.paint(REST, frame)
    assert np.shares_memory(painted, moving.bundle.pictures[frame])
    assert not painted.flags.writeable


def test_a_painted_picture_is_a_new_one(still: Warp) -> None:
    before = still.bundle.pictures[0].copy()
    painted = still.paint(shape(jaw=1), 0)
    assert painted.shape == before.shape
    assert painted.dtype == np.uint8
    painted[:] = 0
    assert np.array_equal(still.bundle.pictures[0], before)


def test_a_trace_of_a_shape_leaves_the_picture_nearly_as_it_was(still: Warp) -> None:
    assert change(still, shape(jaw=0.004)).max() <= 8


def test_the_mouth_opens_with_the_jaw(still: Warp) -> None:
    openings = [look(still.paint(shape(jaw=jaw), 0)).opening for jaw in np.linspace(0, 1, 9)]
    assert all(wider > narrower for narrower, wider in pairwise(openings[1:]))
    assert openings[-1] > openings[0] + 700


def test_the_chin_goes_down_with_the_lower_lip(still: Warp) -> None:
    def chin(picture: Picture) -> int:
        return int(np.flatnonzero(picture[: SIZE - 8, 192] > 150).max())

    painted, rest = still.paint(shape(jaw=1), 0), still.bundle.pictures[0]
    lip = look(painted).bottom - look(rest).bottom
    assert 14 < lip < 40
    assert 0.75 * lip < chin(painted) - chin(rest) < 1.1 * lip


def test_the_nose_and_the_upper_lip_stay(still: Warp) -> None:
    painted, rest = still.paint(shape(jaw=1), 0), still.bundle.pictures[0]
    assert change(still, shape(jaw=1))[: 220 - 34, 160:224].max() <= 1
    assert abs(look(painted).top - look(rest).top) <= 2


def test_every_step_of_the_jaw_is_a_small_one(still: Warp) -> None:
    pictures = [still.paint(shape(jaw=jaw), 0)[:SIZE].astype(np.float32) for jaw in np.linspace(0, 1, 41)]
    whole = np.abs(pictures[-1] - pictures[0]).sum()
    steps = [np.abs(after - before).sum() for before, after in pairwise(pictures)]
    assert max(steps) < 0.2 * whole


@pytest.mark.parametrize("jaw", [0.0, 0.4, 1.0])
def test_closed_lips_overrule_the_jaw(still: Warp, jaw: float) -> None:
    assert np.array_equal(still.paint(shape(jaw=jaw, closed=1), 0), still.paint(shape(closed=1), 0))
    assert look(still.paint(shape(closed=1), 0)).opening < look(still.paint(shape(jaw=0.3), 0)).opening


def test_closed_shuts_lips_that_stand_open_in_the_picture(tmp_path: Path) -> None:
    warp = opened(tmp_path, [DrawnFace(gap=14)])

    def bared(picture: Picture) -> int:
        """Rows of teeth and darkness between the lips, in the middle of the mouth."""
        column = picture[:SIZE][190:250, 192].astype(int)
        lip = np.flatnonzero((column > 75) & (column < 115))
        return int(np.ptp(lip)) + 1 - len(lip)

    openness = [bared(warp.paint(shape(closed=closed), 0)) for closed in (0, 0.3, 1)]
    assert openness[0] >= 12
    assert openness[0] - 3 > openness[1] > openness[2] + 3
    assert openness[2] <= 4


def test_bared_teeth_do_not_glare_through_a_slit(tmp_path: Path) -> None:
    warp = opened(tmp_path, [DrawnFace(gap=14)])

    def brightest(mouth: Float32Array) -> int:
        """Between the lips' outer edges, in the middle of the mouth."""
        return int(warp.paint(mouth, 0)[212:232, 192].max())

    assert brightest(REST) > 200
    assert brightest(shape(closed=0.1)) > 150
    assert brightest(shape(closed=0.7)) < 120


@pytest.mark.parametrize(("others", "own"), [(0.0, False), (10.0, True)])
def test_teeth_are_the_pictures_own_or_painted_ones_for_a_whole_clip(
    tmp_path: Path, others: float, own: bool
) -> None:
    warp = opened(tmp_path, [DrawnFace(gap=others), DrawnFace(gap=others), DrawnFace(gap=10)])
    inside = warp.paint(shape(jaw=0.6), 2)[:SIZE][212:240, 192]
    assert warp.bundle.picture(2)[:SIZE][212:240, 192].max() > 205
    assert (inside.max() > 205) == own
    bright = np.flatnonzero(inside > 115)
    assert np.ptp(bright) == len(bright) - 1, "two rows of teeth"


@pytest.mark.parametrize("rows", [0, 2])
def test_a_mouth_that_is_not_shut_teeth_is_painted_anew_and_opens_as_one(tmp_path: Path, rows: int) -> None:
    warp = opened(tmp_path, [DrawnFace(gap=26, rows=rows)])
    inside = warp.paint(shape(jaw=1), 0)[:SIZE][200:270, 198]
    inside = inside[int(np.argmax(inside < 130)) :]
    lips = np.flatnonzero((inside > 70) & (inside < 100))
    bright = np.flatnonzero(inside[: lips.max()] > 115)
    assert len(bright) > 3, "no teeth are painted"
    assert np.ptp(bright) == len(bright) - 1, "two rows of teeth"


@pytest.mark.parametrize("gap", [0.0, 3.0])
def test_f_shows_the_upper_teeth_on_the_lower_lip(tmp_path: Path, gap: float) -> None:
    warp = opened(tmp_path, [DrawnFace(gap=gap)])
    # beside the middle, where two teeth meet
    inner = [warp.paint(mouth, 0)[209:229, 198].astype(int) for mouth in (REST, shape(tuck=1))]
    lip = inner[0].min()
    at_rest, tucked = (int(np.clip(column - lip - 20, 0, 60).sum()) for column in inner)
    assert tucked > at_rest + 50


@pytest.mark.parametrize(("scale", "least", "most"), [(0.4, -2, 2), (1.6, 8, 40)])
def test_large_teeth_are_told_apart_and_small_ones_are_not(
    tmp_path: Path, scale: float, least: int, most: int
) -> None:
    warp = opened(tmp_path, [DrawnFace(scale=scale)])
    reach = round(8 * scale)
    mouth = warp.paint(shape(tuck=1, jaw=0.2), 0)[220 - reach : 220 + reach].astype(int)
    beside = round(0.17 * 36 * scale)
    tooth, cleft = (mouth[:, 192 + offset].max() for offset in (beside, 0))
    assert least <= tooth - cleft <= most


def test_what_lies_behind_the_near_edge_of_a_turned_face_stays() -> None:
    mesh = DrawnFace().mesh()
    right = list(points.JAW_LINE[9:])
    mesh[right, 0] = 192 + 0.6 * (mesh[right, 0] - 192)
    face = measure(points.select(mesh[None])[0])
    beside = np.array([(-80, 0), (80, 0)], np.float32)
    far_side, near_side = np.abs(displacements(face, beside, lower=False)[ROUND, :, 0])
    assert near_side < 0.3
    assert far_side > 4 * near_side


def test_a_mouth_is_red_inside_though_its_lips_are_pale() -> None:
    grey = np.full((SIZE * 3 // 2, SIZE), 128, np.uint8)
    grey[:SIZE] = 170
    palette = sample([grey], [points.select(DrawnFace().mesh()[None])[0]])
    assert palette.tongue[2] > 128 + 12
    assert palette.dark[2] > 128 + 6


def dark(picture: Picture) -> Float32Array:
    """How many pixels of each column, along the mouth, are of an open mouth."""
    counts: Float32Array = (picture[:SIZE][200:260, 152:233] < 70).sum(axis=0).astype(np.float32)
    return counts


def test_lips_that_a_mesh_leaves_apart_stay_shut_at_their_sides(tmp_path: Path) -> None:
    apart = points.select(DrawnFace(gap=5).mesh()[None])
    bundle = open_bundle(write_bundle(tmp_path / "drawn", STILL, apart), tmp_path / "cache")
    warp = Warp.open(bundle, bundle.folder / "warp.safetensors")
    counts = dark(warp.paint(shape(jaw=0.3), 0))
    assert counts[40] >= 4
    assert not counts[:12].any()
    assert not counts[-12:].any()


def test_rounded_lips_open_roundly(still: Warp) -> None:
    counts = dark(still.paint(shape(jaw=0.7, round=1), 0))
    wide, high = np.flatnonzero(counts), np.flatnonzero(counts > counts.max() / 2)
    assert len(wide) < 0.6 * 72
    assert len(high) > 0.75 * len(wide)  # of a lens of two parabolas: 0.71


def test_round_narrows_and_wide_widens(still: Warp) -> None:
    rest, wide, narrow = (
        look(still.paint(mouth, 0)).width for mouth in (REST, shape(wide=1), shape(round=1))
    )
    assert wide > 1.08 * rest
    assert narrow < 0.86 * rest


@pytest.mark.parametrize("form", PARAMETERS)
def test_every_parameter_is_seen(still: Warp, form: str) -> None:
    assert np.count_nonzero(change(still, shape(**{form: 1.0})) > 12) > 60


@pytest.mark.parametrize("mouth", [shape(jaw=1), shape(wide=1, jaw=0.5), shape(round=1), shape(closed=1)])
@pytest.mark.parametrize("frame", [0, 5])
def test_only_the_lower_face_changes_and_without_a_seam(
    moving: Warp, mouth: Float32Array, frame: int
) -> None:
    place = prepare(points.select(MOVING[frame].mesh()[None])[0], (SIZE, SIZE))
    left, top, right, bottom = place.box
    painted, rest = moving.paint(mouth, frame), moving.bundle.pictures[frame]
    difference = np.abs(painted.astype(int) - rest)
    luma = difference[:SIZE]
    rim = (luma[top], luma[bottom - 1], luma[top:bottom, left], luma[top:bottom, right - 1])
    assert max(int(side.max()) for side in rim) <= 2
    luma[top:bottom, left:right] = 0
    chroma = difference[SIZE:].reshape(2, SIZE // 2, SIZE // 2)
    chroma[:, top // 2 : bottom // 2, left // 2 : right // 2] = 0
    assert not difference.any()
    assert (right - left) * (bottom - top) < 0.6 * SIZE * SIZE


@pytest.mark.parametrize("roll", [-35.0, 20.0, 90.0])
def test_a_tilted_face_opens_its_mouth_as_an_upright_one_does(
    still: Warp, tmp_path: Path, roll: float
) -> None:
    warp = opened(tmp_path, [DrawnFace(y=192, roll=roll)])
    upright, tilted = (look(painter.paint(shape(jaw=0.8), 0)) for painter in (still, warp))
    assert tilted.opening == pytest.approx(upright.opening, rel=0.15)
    assert tilted.width == pytest.approx(upright.width, rel=0.08)


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.6])
def test_faces_small_and_large_open_alike(still: Warp, tmp_path: Path, scale: float) -> None:
    warp = opened(tmp_path, [DrawnFace(scale=scale)])
    grown = [look(painter.paint(shape(jaw=1), 0)).opening for painter in (still, warp)]
    assert grown[1] / scale**2 == pytest.approx(grown[0], rel=0.35)


@pytest.mark.parametrize("frame", [0, 2, 5])
def test_the_mouth_follows_the_landmarks_of_a_video(moving: Warp, frame: int) -> None:
    face = MOVING[frame]
    seen = look(moving.paint(shape(closed=1), frame))
    assert np.hypot(*(seen.middle - (face.x, face.y))) < 5
    assert look(moving.paint(shape(jaw=0.8), frame)).opening > 400


def test_values_outside_the_range_are_clipped(still: Warp) -> None:
    assert np.array_equal(still.paint(shape(jaw=3), 0), still.paint(shape(jaw=1), 0))
    assert np.array_equal(still.paint(shape(jaw=-2, wide=-1), 0), still.bundle.pictures[0])


def test_four_threads_paint_what_one_paints(moving: Warp) -> None:
    dice = np.random.default_rng(1)
    jobs = [(dice.random(7, np.float32), int(frame)) for frame in dice.integers(0, 6, 60)]
    alone = [moving.paint(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: moving.paint(*job), jobs))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize("scale", [0.4, 4.0])
def test_a_prepared_frame_is_small_whatever_the_size_of_the_face(scale: float) -> None:
    landmarks = points.select(DrawnFace(1000, 1000, scale).mesh()[None])[0]
    place = prepare(landmarks, (2048, 2048))
    assert place.upper.grid.nbytes + place.lower.grid.nbytes < 250_000


def test_the_engine_opens_such_an_avatar(tmp_path: Path) -> None:
    bundle = open_bundle(write_bundle(tmp_path / "drawn", STILL), tmp_path / "cache")
    avatar = VisemeEngine().open_avatar(bundle)
    assert isinstance(avatar.painter, Warp)


def test_landmarks_are_picked_out_of_a_mesh_by_their_index() -> None:
    mesh = np.arange(3 * 478 * 3, dtype=np.float32).reshape(3, 478, 3)
    picked = points.select(mesh)
    assert picked.shape == (3, 60, 2)
    assert np.array_equal(points.of(picked[2], points.CHIN), mesh[2, 152, :2])
    assert np.array_equal(points.of(picked[1], points.INNER_LOWER), mesh[1, list(points.INNER_LOWER), :2])


@pytest.mark.parametrize("dimensions", [(468, 2), (2, 400, 2), (2, 468, 1)])
def test_what_is_no_mesh_is_refused(dimensions: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected meshes"):
        points.select(np.zeros(dimensions, np.float32))


def nan(landmarks: Float32Array) -> Float32Array:
    landmarks[0, 30, 1] = np.nan
    return landmarks


def beyond(landmarks: Float32Array) -> Float32Array:
    landmarks += 300
    return landmarks


def point(landmarks: Float32Array) -> Float32Array:
    landmarks *= 0.01
    return beyond(landmarks)


def upside_down(landmarks: Float32Array) -> Float32Array:
    landmarks[..., 1] = SIZE - landmarks[..., 1]
    return landmarks


def mirrored_lips(landmarks: Float32Array) -> Float32Array:
    inner = slice(20, 40)
    landmarks[:, inner, 0] = SIZE - landmarks[:, inner, 0]
    return landmarks


BROKEN: list[tuple[Callable[[Float32Array], Float32Array], str]] = [
    (nan, "not numbers"),
    (beyond, "outside the"),
    (point, "pixels wide"),
    (upside_down, "not in the order of a face"),
    (mirrored_lips, "not in the order of a face"),
    (lambda landmarks: np.repeat(landmarks, 2, axis=0), r"needs float32 \(1, 60, 2\)"),
    (lambda landmarks: landmarks[:, :50], r"needs float32 \(1, 60, 2\)"),
    (lambda landmarks: landmarks.astype(np.float64), "landmarks are float64"),
]


@pytest.mark.parametrize(("spoil", "message"), BROKEN)
def test_landmarks_that_do_not_fit_are_refused(
    tmp_path: Path, spoil: Callable[[Float32Array], Float32Array], message: str
) -> None:
    landmarks = spoil(points.select(DrawnFace().mesh()[None]))
    bundle = open_bundle(write_bundle(tmp_path / "drawn", STILL, landmarks), tmp_path / "cache")
    with pytest.raises(AvatarError, match=message):
        Warp.open(bundle, bundle.folder / "warp.safetensors")


def test_foreign_damaged_and_missing_files_are_refused(still: Warp, tmp_path: Path) -> None:
    good = (still.bundle.folder / "warp.safetensors").read_bytes()
    landmarks = {"landmarks": points.select(DrawnFace().mesh()[None])}
    (tmp_path / "cut").write_bytes(good[:-40])
    (tmp_path / "text").write_bytes(b"not a file of tensors at all")
    save_file(landmarks, tmp_path / "unnamed")
    save_file(landmarks, tmp_path / "later", metadata=points.FORMAT | {"version": "2"})
    save_file({"other": landmarks["landmarks"]}, tmp_path / "empty", metadata=points.FORMAT)
    for name in ("cut", "text", "unnamed", "later", "empty", "missing"):
        with pytest.raises(AvatarError, match="is not a mouth warp"):
            Warp.open(still.bundle, tmp_path / name)
