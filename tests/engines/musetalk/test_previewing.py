"""What a preview tells of a face is what its avatar gets."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import MuseTalkChoices, Recipe
from livetalk.engines.musetalk import dwpose, previewing
from livetalk.engines.musetalk.files import PARSER
from livetalk.engines.musetalk.prepared import FILE, read_prepared
from livetalk.engines.musetalk.preparing import MuseTalkPreparer
from livetalk.errors import AvatarError, ModelError
from livetalk.protocols import Previewer, Redrawn
from livetalk.registry import make_previewer
from tests.engines.musetalk import mira
from tests.engines.musetalk.test_bisenet import published
from tests.engines.musetalk.test_dwpose import write_spot_finder

SIZE = (512, 512)


@pytest.fixture
def previewer(tmp_path: Path) -> Previewer:
    """Without any weights."""
    return make_previewer("musetalk", tmp_path)


def told(previewer: Previewer, **choices: object) -> Redrawn:
    recipe = Recipe(musetalk=MuseTalkChoices.model_validate(choices))
    return previewer.redrawn(mira.footage(1), recipe)


@pytest.mark.parametrize("kind", ["turned", "upright"])
@pytest.mark.parametrize("blend", ["feather", "poisson"])
def test_it_is_what_the_avatar_gets(tiny_models: Path, tmp_path: Path, kind: str, blend: str) -> None:
    controls = {"extra_margin": 25, "parsing_mode": "neck", "left_cheek_width": 60}
    recipe = Recipe.model_validate({"musetalk": {**controls, "box": kind, "blend": blend}})
    footage = mira.footage(1)
    MuseTalkPreparer(tiny_models, "cpu").prepare(footage, recipe, tmp_path, lambda _share: None)
    [place] = read_prepared(tmp_path / FILE, 1, SIZE).places
    found = make_previewer("musetalk", tiny_models).redrawn(footage, recipe)
    box, inner = place.box, place.inner
    assert np.floor(found.corners.min(axis=0)).tolist() == [box.left, box.top]
    assert np.ceil(found.corners.max(axis=0)).tolist() == [box.right, box.bottom]
    assert len(np.unique(found.corners.round(3)[:, 0])) == (2 if kind == "upright" else 4)
    whole = np.zeros(SIZE, np.uint8)
    whole[inner.top : inner.bottom, inner.left : inner.right] = place.luma
    assert np.array_equal(found.opacity, whole)


def test_every_control_changes_it(previewer: Previewer) -> None:
    usual = told(previewer)
    for mode in ("raw", "neck"):
        assert told(previewer, parsing_mode=mode).opacity.sum(dtype=int) > usual.opacity.sum(dtype=int)
    middle = int(usual.corners[:, 0].mean())
    left = told(previewer, left_cheek_width=20).opacity
    assert np.abs(left.astype(int) - usual.opacity)[:, :middle].max() > 100
    assert np.abs(left.astype(int) - usual.opacity)[:, middle + 20 :].max() == 0
    right = told(previewer, right_cheek_width=20).opacity
    assert np.abs(right.astype(int) - usual.opacity)[:, middle:].max() > 100
    deeper = told(previewer, extra_margin=30).corners[:, 1].max() - usual.corners[:, 1].max()
    assert abs(deeper - 20) < 0.1
    old = [told(previewer, version="v10", bbox_shift=shift).corners[:, 1].min() for shift in (0, 7)]
    assert abs(old[1] - old[0] - 14) <= 1


def test_the_face_parser_and_landmarks_are_taken_where_they_are_there(
    tmp_path: Path, previewer: Previewer
) -> None:
    usual = told(previewer)
    (tmp_path / PARSER).parent.mkdir()
    torch.save(published(), tmp_path / PARSER)
    by_parser = told(previewer)
    assert np.array_equal(by_parser.corners, usual.corners)
    assert not np.array_equal(by_parser.opacity, usual.opacity)
    (tmp_path / PARSER).write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"79999_iter\.pth"):
        told(previewer)
    (tmp_path / PARSER).unlink()
    (tmp_path / dwpose.FILE).parent.mkdir()
    write_spot_finder(tmp_path / dwpose.FILE)
    footage = mira.footage(1)
    dark = np.zeros((*SIZE, 3), np.uint8)
    for spot in ((190, 230), (256, 250), (322, 330)):
        cv2.circle(dark, spot, 8, (0, 0, 255), -1)
    spotted = Footage(np.asarray(cv2.cvtColor(dark, cv2.COLOR_BGR2YUV_I420), np.uint8)[None], footage.meshes)
    moved = previewer.redrawn(spotted, Recipe()).corners - usual.corners
    assert np.abs(moved).max() > 3


def test_a_package_that_is_missing_is_told(
    tmp_path: Path, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"PIL"}

    def spec_of(name: str) -> ModuleSpec | None:
        return None if name in absent else find_spec(name)

    monkeypatch.setattr(previewing, "find_spec", spec_of)
    with pytest.raises(ModelError, match=r"package pillow: pip install .livetalk\[musetalk\]"):
        told(previewer)
    absent.update({"torch"})
    absent.discard("PIL")
    assert told(previewer)
    (tmp_path / PARSER).parent.mkdir()
    torch.save(published(), tmp_path / PARSER)
    with pytest.raises(ModelError, match="package torch"):
        told(previewer)


def test_a_face_that_hardly_lies_in_its_picture_is_refused(previewer: Previewer) -> None:
    footage = mira.footage(1)
    beyond = Footage(footage.pictures, footage.meshes - np.array((330, 0, 0), np.float32))
    with pytest.raises(AvatarError, match="too far outside the picture"):
        previewer.redrawn(beyond, Recipe())


def test_without_a_face_parser_no_torch_is_loaded() -> None:
    program = (
        "import sys; from pathlib import Path; from livetalk.avatar.recipe import Recipe\n"
        "from livetalk.registry import make_previewer; from tests.engines.musetalk import mira\n"
        "make_previewer('musetalk', Path('nowhere')).redrawn(mira.footage(1), Recipe())\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
