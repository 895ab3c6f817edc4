"""TAESD in place of the VAE's decoder."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.avatar.bundle import open_bundle
from livetalk.engines.musetalk.drawing import Drawing
from livetalk.engines.musetalk.engine import MuseTalkEngine, TinyMuseTalkEngine
from livetalk.engines.musetalk.importing import import_folder
from livetalk.engines.musetalk.networks import LATENT_SCALE, load_networks, load_tiny_decoder
from livetalk.errors import ModelError
from livetalk.protocols import LipJob
from tests.engines.musetalk.tiny import write_taesd, write_tiny

FOLDER = Path(__file__).parent / "goldens" / "avatar_livetalking_syn"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_tiny(folder)
    write_taesd(folder)
    return folder


def test_it_draws_and_the_log_says_how_far_off_it_is(
    models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small, exact = TinyMuseTalkEngine(), MuseTalkEngine()
    for engine in (small, exact):
        engine.load(models, "cpu")
    import_folder(FOLDER, tmp_path / "one", tmp_path / "cache")
    with caplog.at_level(logging.INFO):
        avatar = small.open_avatar(open_bundle(tmp_path / "one", tmp_path / "cache"))
    assert "avatar one: the small decoder is off by" in caplog.text
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
    job = LipJob(torch.zeros(50, 384), 0, avatar)
    faces = [engine.infer([job])[0].picture for engine in (small, exact)]
    assert faces[0].shape == faces[1].shape == (384, 256)
    assert np.abs(faces[0].astype(int) - faces[1]).mean() > 1


def test_its_error_is_the_mean_difference_from_the_vae_on_the_same_latents(models: Path) -> None:
    drawing = Drawing(load_networks(models, tiny=True), torch.device("cpu"))
    torch.manual_seed(4)
    latents = torch.randn(2, 8, 32, 32)
    with torch.inference_mode():
        exact = drawing.vae.decode(latents[:, 4:] / LATENT_SCALE).sample  # type: ignore[operator]
        small = load_tiny_decoder(models).decode(latents[:, 4:]).sample  # type: ignore[operator]
    levels = [((each + 1) / 2).clamp(0, 1) * 255 for each in (exact, small)]
    assert drawing.tiny_error(latents) == pytest.approx(float((levels[0] - levels[1]).abs().mean()), rel=1e-4)


def test_without_its_weights_the_start_says_what_brings_them(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    with pytest.raises(ModelError, match=r"taesd.*livetalk models download taesd"):
        TinyMuseTalkEngine().load(tmp_path, "cpu")
