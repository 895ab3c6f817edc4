"""The MuseTalk engine: whisper hears, a UNet predicts the face's latent, a VAE draws it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from livetalk.avatar.bundle import AvatarBundle
from livetalk.errors import ModelError
from livetalk.protocols import EngineAvatar, EngineSpec, FeatureStream, LipJob
from livetalk.types import Int16Array, Mouth, Picture

if TYPE_CHECKING:
    from livetalk.engines.musetalk.drawing import Drawing
    from livetalk.engines.musetalk.paste import Place

BEST_BATCH = 16
CONTEXT_MS = 80
"""as `hearing.py` needs"""


TINY_SAMPLE = 4
"""faces that its error is measured on"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MuseTalkAvatar:
    """An avatar, its latents on the engine's device."""

    bundle: AvatarBundle
    latents: Any
    """(n, 8, 32, 32) tensor"""
    places: Sequence[Place]
    memory: int


class MuseTalkEngine:
    """A mouth is a whole face of 256x256, with how much of it is seen (`paste.Face`)."""

    spec = EngineSpec("musetalk", best_batch=BEST_BATCH, context_ms=CONTEXT_MS)
    tiny = False
    """whether the small decoder draws, faster and less exact"""

    def __init__(self, drawing: Drawing | None = None) -> None:
        """With what draws, or without: then `load` reads it."""
        self._drawing = drawing

    def load(self, models: Path, device: str) -> None:
        """Read the networks of version 1.5, or else of 1.0, below `models`.

        Raises:
            ModelError: weights or packages are missing, or damaged; the message says how to get them.
        """
        cv2.setNumThreads(1)
        try:
            from livetalk.engines.musetalk.drawing import Drawing, find_device
            from livetalk.engines.musetalk.networks import load_networks
        except ModuleNotFoundError as error:
            raise ModelError(
                f'the musetalk engine needs the package {error.name!r}: pip install "livetalk[musetalk]"'
            ) from error
        place = find_device(device)
        self._drawing = Drawing(load_networks(models, tiny=self.tiny), place)

    def open_avatar(self, bundle: AvatarBundle) -> MuseTalkAvatar:
        """Read what was prepared of an avatar.

        Raises:
            AvatarError: nothing was, or for another version of the networks.
        """
        from livetalk.engines.musetalk.prepared import prepared_of

        drawing = self._loaded()
        prepared = prepared_of(bundle, drawing.version)
        latents = drawing.take(prepared.latents)
        memory = latents.nbytes + sum(place.nbytes for place in prepared.places)
        if self.tiny:
            logger.info(
                "avatar %s: the small decoder is off by %.1f of 255 levels on average",
                *(bundle.id, drawing.tiny_error(latents[:TINY_SAMPLE])),
            )
        return MuseTalkAvatar(bundle, latents, prepared.places, memory)

    def features(self, lookahead_ms: int = 0) -> FeatureStream:
        """A fresh stream for one session."""
        return self._loaded().hearing(lookahead_ms)

    def listen(self, pcm: Int16Array) -> Iterator[Any]:
        """A window for each started 40 ms, the encoder seeing 30 s at once, as in training."""
        return iter(self._loaded().listen(pcm))

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """One face for each job.

        Raises:
            EngineError: the networks gave what is no picture.
        """
        avatars = [job.avatar for job in jobs]
        assert all(isinstance(avatar, MuseTalkAvatar) for avatar in avatars)
        latents: list[Any] = [job.avatar.latents[job.shown.frame] for job in jobs]
        return [*self._loaded().draw(latents, [job.window for job in jobs])]

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        """Lay the face into the body's picture."""
        from livetalk.engines.musetalk.paste import paste

        assert isinstance(avatar, MuseTalkAvatar)
        picture: Picture = avatar.bundle.pictures[frame].copy()
        paste(picture, mouth, avatar.places[frame])
        return picture

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        """The body's own mouth comes through."""
        return dataclasses.replace(mouth, share=share)

    def _loaded(self) -> Drawing:
        if self._drawing is None:
            raise ModelError("the musetalk engine was not loaded; call load() first")
        return self._drawing


class TinyMuseTalkEngine(MuseTalkEngine):
    """The same with TAESD in place of the VAE's decoder."""

    spec = EngineSpec("musetalk-taesd", best_batch=BEST_BATCH, context_ms=CONTEXT_MS, family="musetalk")
    tiny = True
