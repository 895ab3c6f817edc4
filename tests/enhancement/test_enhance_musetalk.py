"""MuseTalk's part of an enhanced avatar, with networks of random numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.footage import Footage, read_meshes
from livetalk.avatar.manifest import read_manifest
from livetalk.avatar.recipe import MuseTalkChoices, Recipe
from livetalk.avatar.writing import write_manifest
from livetalk.creation.making import Places
from livetalk.engines.musetalk.prepared import Prepared, prepared_of
from livetalk.engines.musetalk.preparing import MuseTalkPreparer
from livetalk.enhancement.enhance import Wish, enhance
from tests.engines.musetalk.tiny import write_tiny
from tests.enhancement.bodies import write_anna
from tests.enhancement.networks import place_of, write_brighter


def test_latents_and_boxes_are_those_of_the_new_pictures_by_musetalks_own_controls(tmp_path: Path) -> None:
    write_tiny(tmp_path / "models")
    write_brighter(place_of(tmp_path / "models"), 40)
    places = Places(tmp_path / "avatars", tmp_path / "models", "cpu")
    folder = write_anna(places.avatars / "anna")
    manifest = read_manifest(folder)
    shown = open_bundle(folder, tmp_path / "cache").pictures
    body = Footage(shown, read_meshes(folder / manifest.face, manifest.pictures))
    entry = MuseTalkPreparer(places.models, "cpu").prepare(body, Recipe(), folder, lambda _share: None)
    write_manifest(folder, manifest.model_copy(update={"engines": {"musetalk": entry}}))
    cache = tmp_path / "cache"

    def enhanced(target: str, recipe: Recipe) -> Prepared:
        made = enhance(Wish("anna", target, 1.0, recipe), places, cache, lambda _stage, _share: None)
        return prepared_of(open_bundle(made, cache), "v15")

    before, same = prepared_of(open_bundle(folder, cache), "v15"), enhanced("same", Recipe())
    assert [each.turned for each in same.places] == [each.turned for each in before.places]
    assert not torch.equal(same.latents[0], before.latents[0])
    lower = enhanced("lower", Recipe(musetalk=MuseTalkChoices(extra_margin=30)))
    heights = [[each.turned.height for each in made.places if each.turned] for made in (before, lower)]
    assert [new - old for old, new in zip(*heights, strict=True)] == pytest.approx([20] * manifest.pictures)
