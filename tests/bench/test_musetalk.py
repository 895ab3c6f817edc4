"""The bench of MuseTalk's speed: that it counts and measures what it says, on networks as small as can be."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bench.musetalk import Bench
from bench.musetalk_networks import UNET, VAE, WHISPER, count_flop
from livetalk.engines.musetalk.networks import Networks
from livetalk.engines.musetalk.whisper import WhisperEncoder
from livetalk.errors import ModelError
from tests.engines.musetalk.tiny import NETWORKS, write_tiny


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    models = tmp_path_factory.mktemp("models")
    write_tiny(models)
    return Bench(models, torch.device("cpu"))


def test_the_published_networks_take_as_many_operations_as_is_known_of_them() -> None:
    with torch.device("meta"):
        unet, vae = NETWORKS.UNet2DConditionModel(**UNET), NETWORKS.AutoencoderKL(**VAE)
        whisper = WhisperEncoder(WHISPER)
    assert sum(each.numel() for each in unet.parameters()) == 849_947_844
    assert sum(each.numel() for each in vae.parameters()) == 83_653_863
    in_unet, in_decoder = count_flop(Networks("v15", unet, vae, whisper))
    assert in_unet / 1e9 == pytest.approx(178, rel=0.02)
    assert in_decoder / 1e9 == pytest.approx(622, rel=0.02)


def test_a_batchs_figures_belong_together(bench: Bench) -> None:
    found = bench.batch(2, matrix_tflops=0.5)
    assert min(found.unet_fps, found.decoder_fps, found.whole_fps) > 0
    assert found.batch_ms == pytest.approx(2 / found.whole_fps * 1000, rel=0.02)
    rate = sum(bench.flop) * found.whole_fps / 1e12
    assert found.matrix_share == pytest.approx(rate / 0.5, rel=0.02, abs=0.001)


def test_the_device_is_told_with_its_rate_and_the_work_of_a_picture(bench: Bench) -> None:
    device = bench.device()
    assert device.matrix_tflops > 0
    assert (device.gflop_unet, device.gflop_decoder) == tuple(round(each / 1e9, 1) for each in bench.flop)


def test_a_load_counts_every_picture_once(bench: Bench) -> None:
    found = bench.load(sessions=2, seconds=0.5)
    assert found.sessions == 2
    assert 2 * 12 <= found.pictures <= 2 * 28
    assert 0 <= found.late <= 1
    assert found.mean_batch >= 1


def test_without_weights_the_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"musetalk\.json is missing"):
        Bench(tmp_path, torch.device("cpu"))
