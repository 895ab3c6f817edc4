"""The reference's own outputs, of drawn input; the networks' with the weights that they were made with."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from bench.goldens.reading import Goldens
from bench.musetalk_goldens import check
from tests.engines.musetalk.reference_weights import write_reference_weights

HERE = Path(__file__).parent / "goldens"
SHARED = Path(os.environ.get("LIVETALK_SHARED", Path(__file__).parents[4] / "shared")) / "musetalk"
NAMES = sorted(json.loads((HERE / "manifest.json").read_text("utf-8"))["files"])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference") / "models"
    write_reference_weights(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_our_numbers_are_the_references(name: str, models: Path) -> None:
    result, told = check(Goldens(HERE, models), name)
    assert result == "passed", told


@pytest.mark.shared
@pytest.mark.parametrize("file", ["musetalk/pytorch_model.bin", "musetalkV15/unet.pth"])
def test_the_weights_are_those_that_the_outputs_were_made_with(file: str, models: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the weights themselves are not part of the repository")
    made, theirs = (
        torch.load(folder / file, weights_only=True) for folder in (models, SHARED / "tiny_models")
    )
    assert made.keys() == theirs.keys()
    assert all(torch.equal(made[name], theirs[name]) for name in made)


def test_a_vector_that_is_off_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    goldens = Goldens(HERE, SHARED / "tiny_models")
    arrays = goldens.read("crop_boxes.npz")
    arrays["crop_15"][3, 1] += 1
    monkeypatch.setattr(goldens, "read", lambda name: arrays)
    assert check(goldens, "crop_boxes.npz")[0] == "failed"


def test_a_vector_of_another_kind_is_skipped_and_says_so() -> None:
    assert check(Goldens(HERE, SHARED / "tiny_models"), "teapot.npz")[0] == "skipped"


def test_a_file_that_is_not_the_listed_one_fails(tmp_path: Path) -> None:
    for name in ("manifest.json", "crop_boxes.npz"):
        shutil.copy(HERE / name, tmp_path / name)
    (tmp_path / "crop_boxes.npz").write_bytes((HERE / "mirror_index.npz").read_bytes())
    result, told = check(Goldens(tmp_path, SHARED / "tiny_models"), "crop_boxes.npz")
    assert result == "failed"
    assert "not the one that the manifest lists" in told
