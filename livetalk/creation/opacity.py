"""A source's own transparency: how opaque it says that its pixels are."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np

from livetalk.avatar.matte import grey
from livetalk.avatar.recipe import Recipe
from livetalk.creation.clip import paced, size_for, turned
from livetalk.creation.keeping import Pictures, keep_pictures
from livetalk.creation.photos import read_opacity
from livetalk.creation.source import Source, photos_in
from livetalk.creation.workshop import Workshop
from livetalk.types import FPS, Picture, planes

SOLID = 250
"""of 255: what is more opaque everywhere is not transparent"""


def given_mattes(source: Source, recipe: Recipe, shop: Workshop) -> Pictures | None:
    """A grey picture for each of the body's, as it says itself; None where it is opaque all over.

    Raises:
        AvatarError: the source is damaged.
    """
    if not source.transparent:
        return None
    mattes = keep_pictures(_read(source, recipe, shop), shop.scratch / "given.i420", lambda _done: None)
    return mattes if any(planes(matte)[0].min() < SOLID for matte in mattes) else None


def _read(source: Source, recipe: Recipe, shop: Workshop) -> Iterator[Picture]:
    if source.kind == "clip":
        return paced(source, recipe, shop.limits, _scaled)
    photos = (
        photos_in(source.path)[: round(recipe.seconds * FPS)] if source.kind == "folder" else [source.path]
    )
    return (grey(read_opacity(photo, recipe.size)) for photo in photos)


def _scaled(frame: av.VideoFrame, shorter: int) -> Picture:
    width, height = size_for(frame.width, frame.height, shorter)
    layers = frame.reformat(width, height, "rgba", interpolation="AREA").to_ndarray()
    return turned(grey(np.ascontiguousarray(layers[..., 3], np.uint8)), frame.rotation)


__all__ = ["given_mattes"]
