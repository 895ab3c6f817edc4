"""The reference's own outputs: those of drawn input stand here, the networks' where their weights are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bench.musetalk_goldens import Goldens, check

HERE = Path(__file__).parent / "goldens"
SHARED = Path(os.environ.get("LIVETALK_SHARED", Path(__file__).parents[4] / "shared")) / "musetalk"
NETWORKS = (
    *("audio_v15_syn", "audio_v15_syn_31s", "audio_v10legacy_syn", "audio_v10legacy_syn_31s"),
    *("audio_livetalking_syn", "vae_syn", "unet_v15_syn", "unet_v10_syn"),
)


@pytest.mark.parametrize("name", sorted(json.loads((HERE / "manifest.json").read_text("utf-8"))["files"]))
def test_our_numbers_are_the_references(name: str) -> None:
    result, told = check(Goldens(HERE, SHARED / "tiny_models"), name)
    assert result == "passed", told


@pytest.mark.shared
@pytest.mark.parametrize("name", NETWORKS)
def test_our_networks_give_what_the_references_do(name: str) -> None:
    if not (SHARED / "goldens").is_dir():
        pytest.skip(f"{SHARED} is not there: the networks' weights are not part of the repository")
    goldens = Goldens(SHARED / "goldens", SHARED / "tiny_models")
    result, told = check(goldens, f"{name}.npz")
    assert result == "passed", told


def test_a_vector_that_is_off_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    goldens = Goldens(HERE, SHARED / "tiny_models")
    arrays = goldens.read("crop_boxes.npz")
    arrays["crop_15"][3, 1] += 1
    monkeypatch.setattr(goldens, "read", lambda name: arrays)
    assert check(goldens, "crop_boxes.npz")[0] == "failed"


def test_a_vector_of_another_kind_is_skipped_and_says_so() -> None:
    assert check(Goldens(HERE, SHARED / "tiny_models"), "teapot.npz")[0] == "skipped"
