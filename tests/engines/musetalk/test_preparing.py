"""An avatar prepared of footage, from the first check to a face that is drawn."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import Manifest
from livetalk.avatar.recipe import MuseTalkChoices, Recipe, Steadiness
from livetalk.avatar.writing import THUMBNAIL, VIDEO, new_bundle, write_manifest, write_thumbnail, write_video
from livetalk.engines.musetalk import dwpose, preparing
from livetalk.engines.musetalk.boxes import Box, crop_box
from livetalk.engines.musetalk.engine import MuseTalkEngine
from livetalk.engines.musetalk.files import PARSER
from livetalk.engines.musetalk.framing import face_boxes
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.lean import make_lean
from livetalk.engines.musetalk.making import Masking
from livetalk.engines.musetalk.networks import encode_face, load_vae
from livetalk.engines.musetalk.paste import Face, Grey, Place, paste
from livetalk.engines.musetalk.prepared import FILE, Prepared, read_prepared
from livetalk.engines.musetalk.preparing import MuseTalkPreparer
from livetalk.engines.musetalk.turned import TurnedBox, cut, cut_turned
from livetalk.engines.musetalk.turning import turned_boxes
from livetalk.errors import AvatarError, ModelError
from livetalk.protocols import LipJob, Preparer
from livetalk.registry import make_preparer
from livetalk.types import FRAME_SAMPLES, Picture
from tests.engines.musetalk import mira
from tests.engines.musetalk.test_bisenet import published
from tests.engines.musetalk.test_dwpose import write_spot_finder
from tests.engines.musetalk.tiny import write_tiny

SIZE = (512, 512)
V10 = Recipe(musetalk=MuseTalkChoices(version="v10"))
UPRIGHT = MuseTalkChoices(box="upright")


def prepare(models: Path, footage: Footage, recipe: Recipe, folder: Path) -> tuple[Prepared, list[float]]:
    told: list[float] = []
    folder.mkdir(exist_ok=True)
    entry = MuseTalkPreparer(models, "cpu").prepare(footage, recipe, folder, told.append)
    assert entry.kind == {"upright": "latents", "turned": "turned"}[recipe.musetalk.box]
    assert entry.file == FILE
    return read_prepared(folder / entry.file, len(footage.pictures), SIZE), told


def write_bundle(target: Path, footage: Footage, preparer: Preparer) -> None:
    with new_bundle(target.parent, target.name) as made:
        write_video(made / VIDEO, footage.pictures, SIZE)
        write_thumbnail(made / THUMBNAIL, footage.pictures[0])
        entry = preparer.prepare(footage, Recipe(), made, lambda _: None)
        fields = {"id": target.name, "name": "Mira", "source": "drawn", "licence": "ours", "checksums": {}}
        manifest = Manifest(
            **fields,
            schema_version=1,
            fps=25,
            loop="cycle",
            width=SIZE[0],
            height=SIZE[1],
            frames=len(footage.pictures),
            video=VIDEO,
            thumbnail=THUMBNAIL,
            engines={preparer.engine: entry},
        )
        write_manifest(made, manifest)


def test_a_prepared_avatar_opens_in_the_engine_and_speaks(
    tiny_models: Path, engine: MuseTalkEngine, tmp_path: Path
) -> None:
    preparer = make_preparer("musetalk", tiny_models, "cpu")
    assert preparer.missing(Recipe()) == ""
    write_bundle(tmp_path / "mira", mira.footage(), preparer)
    bundle = open_bundle(tmp_path / "mira", tmp_path / "cache")
    avatar = engine.open_avatar(bundle)
    stream = engine.features()
    pcm = np.random.default_rng(3).normal(0, 2500, 3 * FRAME_SAMPLES).astype(np.int16)
    windows = [*stream.push(pcm), *stream.flush()]
    for pose, window in enumerate(windows):
        (mouth,) = engine.infer([LipJob(window, pose, avatar)])
        shown = engine.paste(mouth, pose, avatar)[: SIZE[1]]
        body = bundle.pictures[pose][: SIZE[1]]
        changed = np.argwhere(shown != body)
        assert len(changed) > 1000
        inner = avatar.places[pose].inner
        assert (changed.min(axis=0) >= (inner.top, inner.left)).all()
        assert (changed.max(axis=0) < (inner.bottom, inner.right)).all()


@pytest.mark.parametrize("steady", [Steadiness(), Steadiness(lock_scale=False, smooth=False)])
def test_latents_and_places_belong_to_the_upright_boxes_of_the_footage(
    tiny_models: Path, tmp_path: Path, steady: Steadiness
) -> None:
    footage = mira.footage(3)
    made, _ = prepare(tiny_models, footage, Recipe(steady=steady, musetalk=UPRIGHT), tmp_path)
    assert made.version == "v15"
    boxes = face_boxes(landmarks(footage.meshes), SIZE, MuseTalkChoices(), steady)
    assert [place.box for place in made.places] == boxes
    faces = [cut(mira.colours(picture), box) for picture, box in zip(footage.pictures, boxes, strict=True)]
    assert_latents_are_of(made, faces, tiny_models)


def assert_latents_are_of(made: Prepared, faces: Sequence[Grey], models: Path) -> None:
    vae = load_vae(models)
    for found, face in zip(made.latents, faces, strict=True):
        rgb = torch.from_numpy(face[..., ::-1].copy()).permute(2, 0, 1)[None] / 255
        with torch.inference_mode():
            expected = encode_face(vae, rgb)
        assert torch.allclose(found.float(), expected[0], atol=2e-3)


def test_latents_and_places_belong_to_the_turned_boxes_of_the_footage(
    tiny_models: Path, tmp_path: Path
) -> None:
    footage = mira.tilted((-12, 4, 0))
    made, _ = prepare(tiny_models, footage, Recipe(), tmp_path)
    boxes = turned_boxes(landmarks(footage.meshes), footage.meshes, SIZE, MuseTalkChoices(), Recipe().steady)
    assert [place.turned for place in made.places] == boxes
    faces = [
        cut_turned(mira.colours(picture), box) for picture, box in zip(footage.pictures, boxes, strict=True)
    ]
    assert_latents_are_of(made, faces, tiny_models)


def cut_again(body: Picture, place: Place) -> Grey:
    colours = mira.colours(body)
    face = cut(colours, place.box) if place.turned is None else cut_turned(colours, place.turned)
    return np.asarray(cv2.cvtColor(face, cv2.COLOR_BGR2YUV_I420), np.uint8)


@pytest.mark.parametrize("box", ["upright", "turned"])
@pytest.mark.parametrize("blend", ["feather", "poisson"])
def test_a_face_laid_back_where_it_was_cut_from_changes_next_to_nothing(
    tiny_models: Path, tmp_path: Path, box: str, blend: str
) -> None:
    footage = mira.tilted((-12, 4))
    recipe = Recipe(musetalk=MuseTalkChoices.model_validate({"box": box, "blend": blend}))
    made, _ = prepare(tiny_models, footage, recipe, tmp_path)
    for body, place in zip(footage.pictures, made.places, strict=True):
        face = cut_again(body, place)
        picture = body.copy()
        paste(picture, Face(face), place)
        off = np.abs(picture[: SIZE[1]].astype(int) - body[: SIZE[1]])
        inner = place.inner
        redrawn = off[inner.top : inner.bottom, inner.left : inner.right]
        assert 0 < redrawn.mean() < 1
        assert off.sum() == redrawn.sum()


def test_what_is_open_already_survives_being_prepared_anew(tiny_models: Path, tmp_path: Path) -> None:
    first, _ = prepare(tiny_models, mira.footage(1), Recipe(), tmp_path)
    kept = first.places[0].luma.copy()
    outside = Footage(mira.footage(1).pictures, mira.mesh()[None] + np.array((0, 180, 0), np.float32))
    second, _ = prepare(tiny_models, outside, Recipe(), tmp_path)
    assert np.array_equal(first.places[0].luma, kept)
    assert second.places[0].luma.size < kept.size


def test_progress_goes_from_nothing_to_all(tiny_models: Path, tmp_path: Path) -> None:
    _, told = prepare(tiny_models, mira.footage(3), Recipe(), tmp_path)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) >= 3


def test_the_choices_change_what_they_are_said_to_change(tiny_models: Path, tmp_path: Path) -> None:
    footage = mira.footage(1)

    def made(**choices: object) -> Prepared:
        recipe = Recipe(musetalk=MuseTalkChoices.model_validate({"box": "upright", **choices}))
        return prepare(tiny_models, footage, recipe, tmp_path)[0]

    usual = made().places[0]
    lower = made(extra_margin=40).places[0]
    assert lower.box == usual.box._replace(bottom=usual.box.bottom + 30)
    necked = made(parsing_mode="neck").places[0]
    assert necked.box == usual.box
    assert necked.luma.sum() > usual.luma.sum()
    wide = made(left_cheek_width=250, right_cheek_width=250).places[0]
    assert wide.luma.sum() > usual.luma.sum()
    assert made(bbox_shift=20).places[0].box == usual.box


def test_version_10_moves_its_box_and_is_always_raw(tmp_path: Path) -> None:
    write_tiny(tmp_path / "models", "musetalk", "pytorch_model.bin")
    found = []
    for shift, mode in ((0, "raw"), (0, "jaw"), (12, "raw")):
        choices = MuseTalkChoices.model_validate(
            {
                "version": "v10",
                "bbox_shift": shift,
                "parsing_mode": mode,
                "extra_margin": 40,
                "box": "upright",
            }
        )
        recipe = Recipe(musetalk=choices)
        made, _ = prepare(tmp_path / "models", mira.footage(1), recipe, tmp_path / "made")
        assert made.version == "v10"
        found.append(made.places[0])
    raw, jaw, moved = found
    assert np.array_equal(raw.luma, jaw.luma)
    assert moved.box == raw.box._replace(top=raw.box.top + 24)


def test_a_face_outside_the_picture_is_refused_and_nothing_is_written(
    tiny_models: Path, tmp_path: Path
) -> None:
    footage = mira.footage(2)
    away = Footage(footage.pictures, footage.meshes + np.array((0, 600, 0), np.float32))
    with pytest.raises(AvatarError, match="too far outside the picture"):
        prepare(tiny_models, away, Recipe(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_dwpose_finds_comes_before_the_mesh_unless_it_is_another_face(
    tiny_models: Path, tmp_path: Path
) -> None:
    models = Path(shutil.copytree(tiny_models, tmp_path / "models"))
    write_spot_finder(models / dwpose.FILE)
    exact = Recipe(steady=Steadiness(lock_scale=False, smooth=False), musetalk=UPRIGHT)
    footage = mira.footage(1)
    spots = ((190, 230), (256, 250), (322, 330))
    dark = np.zeros((*SIZE, 3), np.uint8)
    for spot in spots:
        cv2.circle(dark, spot, 8, (0, 0, 255), -1)
    pictures = np.asarray(cv2.cvtColor(dark, cv2.COLOR_BGR2YUV_I420), np.uint8)[None]
    by_mesh, _ = prepare(tiny_models, Footage(pictures, footage.meshes), exact, tmp_path / "mesh")
    by_points, told = prepare(models, Footage(pictures, footage.meshes), exact, tmp_path / "points")
    expected = Box(spots[0][0], 2 * spots[1][1] - spots[2][1], spots[2][0], spots[2][1] + 10)
    assert np.abs(np.array(by_points.places[0].box) - expected).max() <= 24  # the spots are wide
    assert np.abs(np.array(by_mesh.places[0].box) - expected).max() > 24
    assert told == sorted(told)
    away = Footage(pictures, footage.meshes - np.array((150, 0, 0), np.float32))
    for folder in (tiny_models, models):
        made, _ = prepare(folder, away, exact, tmp_path / "away")
        assert made.places[0].box == by_mesh.places[0].box.moved(150, 0)


def test_the_face_parser_masks_where_its_weights_are_there(tmp_path: Path) -> None:
    weights = tmp_path / PARSER
    box, picture = Box(170, 150, 346, 360), mira.colours(mira.footage(1).pictures[0])
    device = torch.device("cpu")
    by_mesh = Masking(tmp_path, device, MuseTalkChoices()).place(picture, mira.mesh(), box)
    weights.parent.mkdir()
    state = published()
    state["conv_out.conv_out.weight"] = torch.zeros(19, 256, 1, 1)
    state["conv_out.conv_out.weight"][1] = 1.0  # skin everywhere, as features are no less than nothing
    torch.save(state, weights)
    by_parser = Masking(tmp_path, device, MuseTalkChoices(parsing_mode="raw")).place(
        picture, mira.mesh(), box
    )
    around = crop_box(box)
    assert by_parser.luma.min(where=by_parser.luma > 0, initial=255) < 255
    middle = (around.top + around.bottom) // 2 + 50
    seen = by_parser.luma[middle - by_parser.inner.top]
    assert seen[len(seen) // 2] == 255
    assert by_parser.luma.sum() > by_mesh.luma.sum()
    weights.unlink()
    weights.write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"79999_iter\.pth cannot be read as weights"):
        Masking(tmp_path, device, MuseTalkChoices())


def test_the_mask_of_a_head_that_leans_is_the_upright_ones_turned_with_it(tmp_path: Path) -> None:
    footage = mira.tilted((0, -20))
    masking = Masking(tmp_path, torch.device("cpu"), MuseTalkChoices())
    boxes = turned_boxes(
        landmarks(footage.meshes), footage.meshes, SIZE, MuseTalkChoices(), Steadiness(smooth=False)
    )
    as_ever = face_boxes(landmarks(footage.meshes), SIZE, MuseTalkChoices(), Steadiness())
    seen = []
    for number, box in ((0, as_ever[0]), (0, boxes[0]), (1, boxes[1])):
        mesh = footage.meshes[number]
        place = masking.place(mira.colours(footage.pictures[number]), mesh, box)
        whole = np.zeros(SIZE, np.uint8)
        inner = place.inner
        whole[inner.top : inner.bottom, inner.left : inner.right] = place.luma
        seen.append(cv2.remap(whole, mesh[:, :1].copy(), mesh[:, 1:2].copy(), cv2.INTER_LINEAR).astype(int))
    whole_pixels, upright, leaning = seen
    assert np.abs(whole_pixels - upright).max() <= 48, "a pixel of a soft edge"
    assert np.abs(whole_pixels - upright).mean() < 4
    assert (upright > 250).sum() > 60
    assert (upright == 0).sum() > 60
    assert np.abs(upright - leaning).max() <= 24, "half a pixel of a soft edge"
    assert np.abs(upright - leaning).mean() < 2


def test_the_face_parser_sees_the_head_upright_where_the_box_is_turned(tmp_path: Path) -> None:
    weights = tmp_path / PARSER
    weights.parent.mkdir()
    state = published()
    state["conv_out.conv_out.weight"] = torch.zeros(19, 256, 1, 1)
    state["conv_out.conv_out.weight"][1] = 1.0  # skin everywhere, as features are no less than nothing
    torch.save(state, weights)
    masking = Masking(tmp_path, torch.device("cpu"), MuseTalkChoices(parsing_mode="raw"))
    box = TurnedBox(256.0, 256.0, 160.0, 200.0, np.radians(90))
    place = masking.place(mira.colours(mira.footage(1).pictures[0]), mira.mesh(), box)
    assert (place.inner.left, place.inner.right) == pytest.approx((156, 271), abs=3)
    assert (place.inner.top, place.inner.bottom) == pytest.approx((176, 336), abs=3)
    assert place.luma[place.inner.height // 2, 40] == 255


@pytest.mark.parametrize(
    ("module", "package"), [("torch", "torch"), ("diffusers", "diffusers"), ("PIL", "pillow")]
)
def test_a_package_that_is_missing_is_named_with_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    def spec(name: str) -> ModuleSpec | None:
        return None if name == module else find_spec(name)

    monkeypatch.setattr(preparing, "find_spec", spec)
    told = MuseTalkPreparer(tmp_path, "cpu").missing(Recipe())
    assert told == f'MuseTalk needs the package {package}: pip install "livetalk[musetalk]"'


def test_without_weights_the_command_that_brings_them_is_told(tmp_path: Path) -> None:
    told = {recipe: MuseTalkPreparer(tmp_path, "cpu").missing(recipe) for recipe in (Recipe(), V10)}
    where = f"--models-dir {tmp_path}"
    assert told[Recipe()] == (
        f"MuseTalk 1.5's weights are not there; bring them with: livetalk models download musetalk {where}"
    )
    assert told[V10].endswith(f"livetalk models download musetalk-v10 {where}")
    (tmp_path / "musetalkV15").mkdir()
    assert "the VAE that reads faces" in MuseTalkPreparer(tmp_path, "cpu").missing(Recipe())


def test_an_avatar_is_made_for_the_version_that_the_engine_loads(tiny_models: Path, tmp_path: Path) -> None:
    told = MuseTalkPreparer(tiny_models, "cpu").missing(V10)
    assert "MuseTalk 1.0's weights are not there, 1.5's are: choose that version, or bring" in told
    both = Path(shutil.copytree(tiny_models, tmp_path / "models"))
    (both / "musetalk").mkdir()
    assert MuseTalkPreparer(both, "cpu").missing(Recipe()) == ""
    assert "holds MuseTalk 1.5 too, which the engine loads first" in MuseTalkPreparer(both, "cpu").missing(
        V10
    )


def test_lean_weights_are_told_from_whole_ones(tiny_models: Path, tmp_path: Path) -> None:
    lean = tmp_path / "lean"
    make_lean(tiny_models, lean)
    preparer = MuseTalkPreparer(lean, "cpu")
    told = preparer.missing(Recipe())
    assert "lean weights, which draw faces but cannot prepare avatars" in told
    assert "livetalk models download musetalk --models-dir" in told
    with pytest.raises(ModelError, match="lean weights"):
        preparer.prepare(mira.footage(1), Recipe(), tmp_path, lambda _: None)


def test_asking_what_is_missing_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from livetalk.avatar.recipe import Recipe\nfrom livetalk.registry import make_preparer\n"
        f"assert make_preparer('musetalk', Path({str(tmp_path)!r}), 'cpu').missing(Recipe())\n"
        "assert not {'torch', 'diffusers', 'PIL'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
