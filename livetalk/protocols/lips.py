"""What an engine must be: it holds weights, and moves lips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from livetalk.avatar.bundle import AvatarBundle
from livetalk.types import Int16Array, LipJob, Mouth, Picture, Window


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is like."""

    name: str
    best_batch: int
    """pictures in one call that it does best with"""
    context_ms: int
    """sound after a picture's own 40 ms that it has to hear"""
    family: str = ""
    """the engine whose avatars it shows; itself, where none is named"""

    @property
    def avatars(self) -> str:
        """By what name avatars are prepared for it."""
        return self.family or self.name


class FeatureStream(Protocol):
    """Turns one session's sound into windows, one for each 40 ms; keeps context between calls.

    Chunked in whatever way, the windows are those of the whole utterance.
    """

    def push(self, pcm: Int16Array) -> Iterator[Window]:
        """Take (n,) samples; yield the windows whose right context is complete."""

    def flush(self) -> Iterator[Window]:
        """End the utterance: yield the windows still owed, silence standing in for the future."""

    def reset(self) -> None:
        """Forget everything; the next sound begins a new utterance."""


class EngineAvatar(Protocol):
    """An avatar as one engine prepared it; read-only, shared by all its sessions."""

    @property
    def bundle(self) -> AvatarBundle:
        """The avatar's pictures and files."""

    @property
    def memory(self) -> int:
        """Bytes that it takes beside the mapped pictures, on the engine's device or here."""


class Engine(Protocol):
    """Holds weights, one per process and device; everything that changes is in a FeatureStream."""

    spec: EngineSpec

    def load(self, models: Path, device: str) -> None:
        """Read the weights below `models`.

        Raises:
            ModelError: they are missing or damaged; the message says how to get them.
        """

    def open_avatar(self, bundle: AvatarBundle) -> EngineAvatar:
        """Prepare an avatar.

        Raises:
            AvatarError: the bundle has nothing for this engine.
        """

    def features(self, lookahead_ms: int = 0) -> FeatureStream:
        """A fresh stream for one session.

        It may wait for `lookahead_ms` of sound after a picture's own, where that is more than the context of
        the spec and lets the engine hear better.
        """

    def listen(self, pcm: Int16Array) -> Iterator[Window]:
        """A window for each started 40 ms of a whole recording, (n,) samples, heard as well as can be."""

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """One batch, sessions mixed. Called by one thread only."""

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        """The avatar's picture of index `frame` with this mouth. Called by many threads at once."""

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        """The mouth on its way to rest: itself at share 1, at rest at 0."""


__all__ = ["Engine", "EngineAvatar", "EngineSpec", "FeatureStream"]
