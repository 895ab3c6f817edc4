"""The viseme engine: a small network hears the sound, a painter draws the mouth."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from livetalk.avatar.bundle import AvatarBundle
from livetalk.engines.viseme.atlas import Atlas
from livetalk.engines.viseme.features import CONTEXT_MS, VisemeFeatures
from livetalk.engines.viseme.network import LipNetwork
from livetalk.engines.viseme.warp import Warp
from livetalk.errors import AvatarError, ModelError
from livetalk.protocols import EngineAvatar, EngineSpec, FeatureStream, LipJob
from livetalk.types import SAMPLE_RATE, Float32Array, Int16Array, Mouth, Picture

logger = logging.getLogger(__name__)

BEST_BATCH = 8


class Painter(Protocol):
    """Puts a mouth shape into an avatar's picture."""

    @property
    def memory(self) -> int:
        """Bytes that it takes."""

    def paint(self, shape: Float32Array, frame: int) -> Picture:
        """The avatar's picture of index `frame` with the mouth in `shape` (7,)."""


@dataclass(frozen=True, slots=True)
class VisemeAvatar:
    """An avatar and the painter of its mouth."""

    bundle: AvatarBundle
    painter: Painter

    @property
    def memory(self) -> int:
        """The painter's pictures."""
        return self.painter.memory


class VisemeEngine:
    """Runs on any CPU; a mouth is its shape, float32 (7,)."""

    spec = EngineSpec("viseme", best_batch=BEST_BATCH, context_ms=CONTEXT_MS)

    def __init__(self) -> None:
        self._network: LipNetwork | None = None

    def load(self, models: Path, device: str) -> None:
        """Read `viseme/lips.onnx` below `models`; it runs on the CPU whatever `device` says.

        OpenCV is told to use the caller's thread alone: many sessions paint at once, and splitting a
        mouth between threads costs more than it saves.

        Raises:
            ModelError: the file is missing or damaged.
        """
        cv2.setNumThreads(1)
        if device not in ("auto", "cpu"):
            logger.warning("the viseme engine runs on the CPU; device %s is not used", device)
        self._network = LipNetwork(models / "viseme" / "lips.onnx")

    def open_avatar(self, bundle: AvatarBundle) -> VisemeAvatar:
        """Make the painter that the bundle asks for.

        Raises:
            AvatarError: the bundle was not prepared for this engine, or in a way unknown to it.
        """
        kind, file = bundle.engine_file(self.spec.name)
        if kind == "atlas":
            return VisemeAvatar(bundle, Atlas.open(bundle, file))
        if kind == "warp":
            return VisemeAvatar(bundle, Warp.open(bundle, file))
        raise AvatarError(f"avatar {bundle.id!r} was prepared as {kind!r}; this version knows: atlas, warp")

    def features(self, lookahead_ms: int = 0) -> FeatureStream:
        """A fresh stream for one session; its windows are always the same, more sound would not help."""
        return VisemeFeatures()

    def listen(self, pcm: Int16Array) -> Iterator[Float32Array]:
        """A window for each started 40 ms: those of the stream, bit for bit."""
        stream = VisemeFeatures()
        for begin in range(0, len(pcm), SAMPLE_RATE):
            yield from stream.push(pcm[begin : begin + SAMPLE_RATE])
        yield from stream.flush()

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """One shape for each job."""
        if self._network is None:
            raise ModelError("the viseme engine was not loaded; call load() first")
        return [*self._network(np.stack([job.window for job in jobs]))]

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        """Paint the shape."""
        assert isinstance(avatar, VisemeAvatar)
        return avatar.painter.paint(mouth, frame)

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        """All parameters fall together."""
        eased: Mouth = mouth * np.float32(share)
        return eased
