"""Faces to the latents that the UNet starts from, in batches on a device."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from livetalk.engines.musetalk.networks import encode_face, load_vae
from livetalk.errors import EngineError, ModelError

Colours = npt.NDArray[np.uint8]
"""(height, width, 3), BGR"""

GPU_BATCH, CPU_BATCH = 8, 1


class Encoder:
    """The VAE's encoder: half precision on a GPU, single on a CPU."""

    def __init__(self, models: Path, device: torch.device) -> None:
        """Read it; the decoder is not kept.

        Raises:
            ModelError: a file is missing, damaged, or another network's.
        """
        on_gpu = device.type == "cuda"
        self.batch = GPU_BATCH if on_gpu else CPU_BATCH
        self._device = device
        network = load_vae(models)
        network.decoder = network.post_quant_conv = nn.Identity()
        nn.Module.to(network, device, torch.half if on_gpu else torch.float32)
        self._network = network.requires_grad_(False)

    @torch.inference_mode()
    def encode(self, faces: Sequence[Colours]) -> torch.Tensor:
        """(256, 256, 3) each, to (n, 8, 32, 32) in half precision.

        Raises:
            ModelError: what comes out is no number: the weights are damaged.
            EngineError: the device's memory is full.
        """
        levels = torch.from_numpy(np.stack(faces)[..., ::-1].copy()).to(self._device)
        # channels first: torch's CPU kernels for the other layout are less exact, by 0.05 on a latent
        pictures = levels.permute(0, 3, 1, 2).contiguous().float() / 255
        try:
            latents = encode_face(self._network, pictures).half().cpu()
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise EngineError(f"the memory of {self._device} is full: end what else runs there") from error
        if not torch.isfinite(latents).all():
            raise ModelError(
                "the VAE's encoder gave what is no number, so its weights are damaged: livetalk models check"
            )
        return latents


class Latents:
    """Of pictures that come one after the other; those that come again are encoded once.

    A loop that goes there and back, or a photo that does not move, shows many twice.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._places: dict[bytes, int] = {}
        self._order: list[int] = []
        self._waiting: list[Colours] = []
        self._done: list[torch.Tensor] = []

    def add(self, face: Colours) -> None:
        """The next face, (256, 256, 3)."""
        key = hashlib.blake2b(face.tobytes(), digest_size=16).digest()
        if key not in self._places:
            self._places[key] = len(self._places)
            self._waiting.append(face)
        self._order.append(self._places[key])
        if len(self._waiting) == self._encoder.batch:
            self._flush()

    def all(self) -> torch.Tensor:
        """(n, 8, 32, 32), half precision, one for each face that was added."""
        if self._waiting:
            self._flush()
        return torch.cat(self._done)[self._order]

    def _flush(self) -> None:
        self._done.append(self._encoder.encode(self._waiting))
        self._waiting.clear()


__all__ = ["Encoder", "Latents"]
