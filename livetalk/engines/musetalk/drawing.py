"""The networks on a device: many latents and tokens in, I420 faces out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional

from livetalk.engines.musetalk.hearing import Hearing, Trim
from livetalk.engines.musetalk.networks import (
    LATENT_SCALE,
    VERSIONS,
    load_unet,
    load_vae,
    load_whisper,
    positions,
    predict,
)
from livetalk.engines.musetalk.paste import Face
from livetalk.errors import ModelError
from livetalk.types import frozen

_TO_YUV = (
    (65.481, 128.553, 24.966),
    (-37.797, -74.203, 112.0),
    (112.0, -93.786, -18.214),
)
"""BT.601, limited range, of RGB in [0, 1]"""


class Drawing:
    """Holds the weights; used by one thread, but for `hearing`."""

    def __init__(self, models: Path, device: str) -> None:
        """Read them.

        Raises:
            ModelError: they are missing or damaged, or there is no such device.
        """
        self.device = _device(device)
        on_gpu = self.device.type == "cuda"
        if not on_gpu:
            torch.set_num_threads(1)  # many sessions share the cores, and small networks lose by splitting
        self._type = torch.half if on_gpu else torch.float32
        self.version = "v15" if (models / VERSIONS["v15"][0]).is_dir() else "v10"
        self._unet, self._vae, self._whisper = (
            network.to(self.device, self._type).requires_grad_(False)
            for network in (load_unet(models, self.version), load_vae(models), load_whisper(models))
        )
        self._trim = None if on_gpu else Trim()
        self._positions = positions(384).to(self.device, self._type)
        self._matrix = torch.tensor(_TO_YUV, device=self.device)

    def take(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents where the networks are."""
        return latents.to(self.device, self._type)

    def hearing(self) -> Hearing:
        """A fresh stream: exact on a GPU, trimmed on a CPU."""
        return Hearing(self._encode, self.device, self._trim)

    @torch.inference_mode()
    def draw(self, latents: Sequence[torch.Tensor], tokens: Sequence[torch.Tensor]) -> list[Face] | None:
        """A face for each; None if one is not made of numbers."""
        heard = torch.stack([*tokens]).to(self._type) + self._positions
        predicted = predict(self._unet, torch.stack([*latents]), heard)
        pictures = self._vae.decode(predicted / LATENT_SCALE).sample.float()  # type: ignore[operator]
        if not torch.isfinite(pictures).all():
            return None
        drawn = _i420((pictures / 2 + 0.5).clamp(0, 1), self._matrix).cpu().numpy()
        return [Face(frozen(each)) for each in drawn]

    def _encode(self, mel: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self._whisper(mel.to(self._type))
        return states


def _i420(rgb: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w) in [0, 1] to (n, h * 3 // 2, w) uint8, BT.601."""
    yuv = torch.einsum("kc,nchw->nkhw", matrix, rgb)
    count, _, height, width = rgb.shape
    luma = yuv[:, 0] + 16
    chroma = functional.avg_pool2d(yuv[:, 1:], 2) + 128
    return torch.cat((luma, chroma.reshape(count, height // 2, width)), 1).round().to(torch.uint8)


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"device {name} cannot be used: {str(error).splitlines()[0]}") from error
    return device


__all__ = ["Drawing"]
