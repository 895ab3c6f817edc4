"""Faces to latents, with the small weights that the reference's own outputs were made with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.encoding import Encoder, Latents
from livetalk.engines.musetalk.networks import LATENT_SCALE, load_vae
from livetalk.engines.musetalk.paste import Grey
from livetalk.engines.musetalk.turned import cut
from livetalk.errors import EngineError, ModelError
from tests.engines.musetalk.reference_weights import write_reference_weights
from tests.engines.musetalk.tiny import write_tiny

GOLDENS = Path(__file__).parent / "goldens"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def reference_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference") / "models"
    write_reference_weights(folder)
    return folder


class CountingEncoder(Encoder):
    """Notes how many faces it is given at once."""

    def __init__(self, models: Path, batch: int) -> None:
        super().__init__(models, CPU)
        self.batch = batch
        self.batches: list[int] = []

    def encode(self, faces: Sequence[Grey]) -> torch.Tensor:
        self.batches.append(len(faces))
        return super().encode(faces)


def test_a_face_is_cut_and_encoded_as_by_the_reference(reference_models: Path) -> None:
    with np.load(GOLDENS / "vae_syn.npz") as golden:
        crop, resized = golden["crop_bgr"], golden["resized_bgr"]
        expected = torch.from_numpy(golden["latents_mode"])
    height, width = crop.shape[:2]
    picture = np.zeros((height + 50, width + 60, 3), np.uint8)
    picture[20 : 20 + height, 30 : 30 + width] = crop
    face = cut(picture, Box(30, 20, 30 + width, 20 + height))
    assert np.abs(face.astype(int) - resized).max() <= 1
    latents = Encoder(reference_models, CPU).encode([face, face[::-1].copy()])
    assert latents.dtype == torch.half
    assert latents.shape == (2, 8, 32, 32)
    assert torch.allclose(
        latents[:1].float(), expected, atol=2e-3, rtol=1e-3
    )  # half precision's own rounding
    assert (latents[1:].float() - expected).abs().max() > 0.1


def test_latents_are_those_of_the_formula(tiny_models: Path) -> None:
    face = np.random.default_rng(2).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    rgb = torch.from_numpy(cv2.cvtColor(face, cv2.COLOR_BGR2RGB)).permute(2, 0, 1)[None] / 255
    hidden = rgb.clone()
    hidden[:, :, 128:] = 0
    vae = load_vae(tiny_models)
    with torch.inference_mode():
        means = [
            vae.encode((each - 0.5) / 0.5).latent_dist.mean  # type: ignore[operator]
            for each in (hidden, rgb)
        ]
    expected = 0.18215 * torch.cat(means, 1)
    assert LATENT_SCALE == 0.18215
    assert torch.allclose(Encoder(tiny_models, CPU).encode([face]).float(), expected, atol=2e-3)


def test_faces_that_come_again_are_encoded_once_and_keep_their_order(tiny_models: Path) -> None:
    faces = np.random.default_rng(3).integers(0, 256, (3, 256, 256, 3), dtype=np.uint8)
    order = [0, 1, 2, 1, 0, 0, 2]
    encoder = CountingEncoder(tiny_models, batch=2)
    latents = Latents(encoder)
    for number in order:
        latents.add(faces[number].copy())
    found = latents.all()
    assert encoder.batches == [2, 1]
    once = torch.cat([encoder.encode([face]) for face in faces])
    assert torch.allclose(found.float(), once[order].float(), atol=2e-3)


def test_an_encoder_that_gives_no_numbers_is_damaged(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    path = tmp_path / "sd-vae" / "diffusion_pytorch_model.safetensors"
    state = {name: tensor.clone() for name, tensor in load_file(path).items()}  # the file is mapped
    state["encoder.conv_in.weight"] *= 1e38
    save_file(state, path)
    face = np.full((256, 256, 3), 200, np.uint8)
    with pytest.raises(ModelError, match="no number, so its weights are damaged: livetalk models check"):
        Encoder(tmp_path, CPU).encode([face])


def test_a_device_whose_memory_is_full_says_so(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder(tiny_models, CPU)

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(encoder._network, "encode", full)
    with pytest.raises(EngineError, match="the memory of cpu is full"):
        encoder.encode([np.zeros((256, 256, 3), np.uint8)])
