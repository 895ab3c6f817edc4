"""One avatar made beside the others and put among them as a whole; nothing of it stays where that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import free_place
from livetalk.cancellation import Cancellation
from livetalk.creation.fetching import fetch_face
from livetalk.creation.keeping import SUFFIX
from livetalk.creation.limits import Limits
from livetalk.creation.process import run
from livetalk.creation.worker import Order, Told


@dataclass(frozen=True, slots=True)
class Places:
    """Where avatars are, and what they are made with."""

    avatars: Path
    models: Path
    device: str
    limits: Limits = field(default_factory=Limits)


def make(
    source: Path,
    avatar_id: str,
    recipe: Recipe,
    places: Places,
    bench: Path,
    tell: Callable[[Told], None],
    cancel: Cancellation,
) -> Path:
    """Make an avatar in a process of its own; its folder comes back.

    Args:
        source: a clip, a photo or a folder of photos.
        avatar_id: what it is to be called.
        recipe: how it is to be made.
        places: where it goes.
        bench: its own, of `bench_in`; pictures that were told of stay in its `scratch`.
        tell: told of steps and doubts.
        cancel: ends it.

    Raises:
        AvatarError: it cannot be made; says why.
        ModelError: weights are missing, and cannot be fetched.
        InvalidRequest, Conflict: the id is none, or taken.
        Cancelled: nobody wants it any more.
    """
    free_place(places.avatars, avatar_id)
    fetch_face(places.models, tell, cancel)
    folder, scratch = bench / "bundle" / avatar_id, bench / "scratch"
    folder.mkdir(parents=True)
    scratch.mkdir()
    order = Order(
        source=source.resolve(),
        folder=folder,
        scratch=scratch,
        recipe=recipe,
        models=places.models,
        device=places.device,
        limits=places.limits,
    )
    try:
        run(order, tell, cancel)
    finally:
        for pictures in scratch.glob(f"*{SUFFIX}"):
            pictures.unlink()
    target = free_place(places.avatars, avatar_id)
    folder.rename(target)
    return target


__all__ = ["Places", "make"]
