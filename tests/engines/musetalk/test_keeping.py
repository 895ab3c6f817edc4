"""What was prepared, left for some pictures alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import Recipe
from livetalk.engines.musetalk.prepared import FILE, read_prepared
from livetalk.engines.musetalk.preparing import MuseTalkPreparer
from livetalk.errors import AvatarError
from tests.engines.musetalk import mira

SIZE = (512, 512)


@pytest.mark.parametrize("kind", ["turned", "upright"])
@pytest.mark.parametrize("blend", ["feather", "poisson"])
def test_all_that_a_picture_has_goes_with_it(
    tiny_models: Path, tmp_path: Path, kind: str, blend: str
) -> None:
    footage = mira.footage(3)
    moved = footage.meshes + np.array([(0, 0, 0), (6, 3, 0), (-9, 4, 0)], np.float32)[:, None]
    recipe = Recipe.model_validate({"musetalk": {"box": kind, "blend": blend}})
    preparer = MuseTalkPreparer(tiny_models, "cpu")
    preparer.prepare(Footage(footage.pictures, moved), recipe, tmp_path, lambda _share: None)
    before = read_prepared(tmp_path / FILE, 3, SIZE)
    MuseTalkPreparer(tmp_path / "nowhere", "cpu").keep(tmp_path / FILE, np.array([True, False, True]))
    after = read_prepared(tmp_path / FILE, 2, SIZE)
    assert after.version == before.version
    assert torch.equal(after.latents, before.latents[[0, 2]])
    for ours, theirs in zip(after.places, (before.places[0], before.places[2]), strict=True):
        assert (ours.box, ours.turned, ours.inner) == (theirs.box, theirs.turned, theirs.inner)
        assert np.array_equal(ours.luma, theirs.luma)
        assert (ours.edge is None) == (theirs.edge is None) == (blend == "feather")
        if ours.edge and theirs.edge:
            assert np.array_equal(ours.edge.body, theirs.edge.body)
    with pytest.raises(AvatarError, match="other pictures than the body's"):
        preparer.keep(tmp_path / FILE, np.array([True, False, True]))
