"""The networks on a device: many latents and tokens in, I420 faces out.

On a GPU everything is in half precision and channels-last, the whole way from latents to I420 is one CUDA
graph for each size of batch, and the processor waits once a batch, for the finished faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from livetalk.engines.musetalk.combine import MOST, Combined
from livetalk.engines.musetalk.graphs import Graphed, Network
from livetalk.engines.musetalk.hearing import Hearing, Trim
from livetalk.engines.musetalk.layout import to_channels_last
from livetalk.engines.musetalk.listening import listen
from livetalk.engines.musetalk.mel import BANDS, SEGMENT_FRAMES, padded
from livetalk.engines.musetalk.networks import LATENT_SCALE, Networks, positions, predict
from livetalk.engines.musetalk.paste import Face
from livetalk.errors import EngineError, ModelError
from livetalk.types import FRAME_SAMPLES, Int16Array, Picture, frozen

_TO_YUV = (
    (65.481, 128.553, 24.966),
    (-37.797, -74.203, 112.0),
    (112.0, -93.786, -18.214),
)
"""BT.601, limited range, of RGB in [0, 1]"""
MARK = 1
"""a row below each picture, whose first sample tells whether it is made of numbers"""


class Drawing:
    """Holds the weights; one thread draws, any may hear and bring latents."""

    def __init__(
        self, networks: Networks, device: torch.device, *, half: bool | None = None, compiled: bool = False
    ) -> None:
        """Move them to a device, to stay there.

        `half` is half precision and channels-last, which GPUs have by default; `compiled` takes minutes at
        each new size of batch.
        """
        self.device = device
        on_gpu = device.type == "cuda"
        if on_gpu:
            torch.backends.cudnn.benchmark = True  # a handful of shapes, used for ever
        else:
            torch.set_num_threads(1)  # many sessions share the cores, and small networks lose by splitting
        self._half = on_gpu if half is None else half
        self._type = torch.half if self._half else torch.float32
        self.version = networks.version
        self.unet = self._placed(networks.unet)
        self.vae = self._placed(networks.vae)
        self.tiny = self._placed(networks.tiny) if networks.tiny else None
        self._positions = positions(networks.whisper.width).to(self.device, self._type)
        whisper = self._placed(networks.whisper)
        self._encode = Combined(whisper)
        if on_gpu:
            self._try_every_size(whisper)
        self._trim = None if on_gpu else Trim()
        self._matrix = torch.tensor(_TO_YUV, device=self.device)
        network: Network = torch.compile(self._draw, dynamic=False) if compiled else self._draw
        self._network = Graphed(network) if on_gpu else network

    def take(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents where the networks are."""
        return latents.to(self.device, self._type)

    def hearing(self, lookahead_ms: int = 0) -> Hearing:
        """A fresh stream: exact on a GPU, trimmed on a CPU."""
        return Hearing(self._heard, self.device, self._trim, lookahead_ms)

    @torch.inference_mode()
    def listen(self, pcm: Int16Array) -> list[torch.Tensor]:
        """The tokens of a whole recording: a picture for each started 40 ms, silence filling up the last.

        Both versions are given what 1.5 was trained on, as MuseTalk's own code does today.
        """
        whole = -(-len(pcm) // FRAME_SAMPLES) * FRAME_SAMPLES
        sound = torch.from_numpy(pcm.astype(np.float32) / 32768).to(self.device)
        return listen(padded(sound, whole), self._heard)

    @torch.inference_mode()
    def draw(self, latents: Sequence[torch.Tensor], tokens: Sequence[torch.Tensor]) -> list[Face]:
        """A face for each.

        Raises:
            EngineError: one of them is not made of numbers, or the device's memory is full.
        """
        try:
            with self._current():
                drawn = self._network(torch.stack([*latents]), torch.stack([*tokens]).to(self._type))
                pictures = self._fetched(drawn)
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise EngineError(
                f"the memory of {self.device} is full: fewer sessions, or less avatar_memory_mb"
            ) from error
        if not (pictures[:, -MARK, 0] == 1).all():
            raise EngineError(
                "MuseTalk's networks gave numbers that are no picture; if they always do, the weights are "
                "damaged: livetalk models check"
            )
        return [Face(frozen(each)) for each in pictures[:, :-MARK]]

    @torch.inference_mode()
    def tiny_error(self, latents: torch.Tensor) -> float:
        """How far the small decoder is from the VAE on the faces of (n, 8, 32, 32): mean of 255 levels."""
        assert self.tiny is not None
        faces = latents[:, 4:]
        exact, small = (self._decode(network, faces).clamp(0, 1) for network in (self.vae, self.tiny))
        return float((exact - small).abs().mean() * 255)

    def _draw(self, latents: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """(n, 8, 32, 32) and (n, 50, width) to (n, 384 + MARK, 256) uint8: I420, and whether it is one."""
        predicted = predict(self.unet, latents, tokens + self._positions)
        rgb = self._decode(self.tiny or self.vae, predicted)
        good = torch.isfinite(rgb).all(-1).all(-1).all(-1).to(torch.uint8)
        marks = good[:, None, None].expand(-1, MARK, rgb.shape[-1])
        return torch.cat((_i420(rgb.nan_to_num().clamp(0, 1), self._matrix), marks), 1)

    def _decode(self, network: torch.nn.Module, latents: torch.Tensor) -> torch.Tensor:
        """(n, 4, 32, 32) to (n, 3, 256, 256) RGB, of which [0, 1] can be shown."""
        scaled = latents if network is self.tiny else latents / LATENT_SCALE
        decoded: torch.Tensor = network.decode(scaled).sample.float()  # type: ignore[operator]
        return decoded / 2 + 0.5

    def _current(self) -> AbstractContextManager[Any]:
        """Streams, events and graphs are those of the current GPU: the first, where nobody says otherwise."""
        return torch.cuda.device(self.device) if self.device.type == "cuda" else nullcontext()

    def _fetched(self, drawn: torch.Tensor) -> Picture:
        """A copy in this machine's memory; the one moment at which the processor waits for the device."""
        if self.device.type != "cuda":
            return np.asarray(drawn.cpu().numpy())
        here = torch.empty(drawn.shape, dtype=drawn.dtype, pin_memory=True)
        here.copy_(drawn, non_blocking=True)
        done = torch.cuda.Event()  # type: ignore[no-untyped-call]
        done.record()
        done.synchronize()
        return np.asarray(here.numpy())

    @torch.inference_mode()
    def _try_every_size(self, whisper: torch.nn.Module) -> None:
        """So that no turn waits for the choice of an encoder's kernels."""
        for count in range(1, MOST + 1):
            whisper(torch.zeros(count, BANDS, SEGMENT_FRAMES, device=self.device, dtype=self._type))

    def _heard(self, mel: torch.Tensor) -> torch.Tensor:
        return self._encode(mel.to(self._type))

    def _placed(self, network: torch.nn.Module) -> torch.nn.Module:
        if self._half:
            to_channels_last(network)
        torch.nn.Module.to(network, self.device, self._type)  # past diffusers' own, which warns of nothing
        return network.requires_grad_(False)


def _i420(rgb: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w) in [0, 1] to (n, h * 3 // 2, w) uint8, BT.601."""
    yuv = torch.einsum("kc,nchw->nkhw", matrix, rgb)
    count, _, height, width = rgb.shape
    luma = yuv[:, 0] + 16
    chroma = functional.avg_pool2d(yuv[:, 1:], 2) + 128
    return torch.cat((luma, chroma.reshape(count, height // 2, width)), 1).round().to(torch.uint8)


def find_device(name: str) -> torch.device:
    """The device of that name; auto is a GPU where there is one.

    Raises:
        ModelError: it cannot be used.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"device {name} cannot be used: {str(error).splitlines()[0]}") from error
    return device


__all__ = ["Drawing", "find_device"]
