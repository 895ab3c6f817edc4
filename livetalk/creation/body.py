"""The body: a source's pictures at 25 a second, the face in each, who is seen cut out, and the loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from livetalk.avatar.footage import Footage
from livetalk.avatar.matte import opacity
from livetalk.avatar.recipe import Recipe
from livetalk.creation.clip import read_clip
from livetalk.creation.cutting import cut_out
from livetalk.creation.doubts import doubts
from livetalk.creation.finding import find_face
from livetalk.creation.keeping import Pictures, keep_pictures
from livetalk.creation.limits import Limits
from livetalk.creation.looping import FITS, Loop, loop_of
from livetalk.creation.opacity import given_mattes
from livetalk.creation.photo import living
from livetalk.creation.photos import read_photo, read_photos
from livetalk.creation.source import Source
from livetalk.creation.steadying import steadied
from livetalk.creation.watch import Doubt, Watch
from livetalk.creation.workshop import Workshop
from livetalk.pipeline.backdrop import before_own
from livetalk.types import FPS, Float32Array, Picture


@dataclass(frozen=True, slots=True)
class Body:
    """What is seen while nobody speaks."""

    footage: Footage
    loop: Loop
    mattes: Pictures | None = None
    """grey pictures, where somebody was cut out"""
    background: str = ""
    """a colour behind them"""

    @property
    def first_seen(self) -> Picture:
        """The first picture that shows somebody, on the background."""
        if self.mattes is None:
            first: Picture = self.footage.pictures[0]
            return first
        shares = self.mattes[:, : self.footage.height].mean(axis=(1, 2))
        frame = int(np.argmax(shares >= np.median(shares) / 2))
        return before_own(self.footage.pictures[frame], opacity(self.mattes[frame]), self.background)


def make_body(source: Source, recipe: Recipe, shop: Workshop, watch: Watch) -> Body:
    """Make one of a source.

    Raises:
        AvatarError: it cannot be made of this; says why.
        ModelError: a network is missing or damaged.
    """
    pictures = _converted(source, recipe, shop, watch)
    given = given_mattes(source, recipe, shop) if recipe.cut_out in ("alpha", "auto") else None
    found = find_face(pictures, shop.models, recipe.face, lambda share: watch.step("find", share))
    for doubt in doubts(found, pictures, recipe.face):
        watch.doubt(doubt)
    cut = cut_out(pictures, given, recipe, shop, watch)
    mattes, background = None, ""
    if cut is not None:
        pictures, mattes, background = cut.pictures, cut.mattes, cut.background
    if source.kind == "photo" and recipe.idle_motion:
        return _animated(pictures[0], mattes, background, found.meshes[0], shop, watch)
    meshes: Float32Array = steadied(found, recipe.steady)
    watch.step("steady", 1.0)
    loop = loop_of(pictures, meshes, recipe.loop)
    watch.step("loop", 1.0)
    if loop.kind == "cycle" and loop.seam > FITS:
        text = f"the end does not fit the beginning ({loop.seam:.1f} times a usual step)"
        watch.doubt(Doubt("seam", f"{text}; loop pingpong does not jump", pictures[loop.frames - 1]))
    footage = Footage(pictures[: loop.frames], meshes[: loop.frames])
    return Body(footage, loop, None if mattes is None else mattes[: loop.frames], background)


def _converted(source: Source, recipe: Recipe, shop: Workshop, watch: Watch) -> Pictures:
    """The pictures at 25 a second."""
    expected = max(1.0, min(recipe.seconds, (source.seconds or recipe.seconds) - recipe.start_s) * FPS)
    return keep_pictures(
        read_pictures(source, recipe, shop.limits),
        shop.scratch / "pictures.i420",
        lambda done: watch.step("convert", min(1.0, done / expected)),
    )


def read_pictures(source: Source, recipe: Recipe, limits: Limits) -> Iterator[Picture]:
    """The I420 pictures of the recipe's part of a source.

    Raises:
        AvatarError: it is damaged, or has no such part.
    """
    if source.kind == "clip":
        return read_clip(source, recipe, limits)
    if source.kind == "folder":
        return read_photos(source, recipe.size, round(recipe.seconds * FPS), limits)
    return iter((read_photo(source.path, recipe.size),))


def _animated(
    photo: Picture,
    mattes: Pictures | None,
    background: str,
    mesh: Float32Array,
    shop: Workshop,
    watch: Watch,
) -> Body:
    """A photo that moves, and its matte with it."""
    moving = living(photo, mesh)
    pictures = keep_pictures(
        moving.pictures(),
        shop.scratch / "living.i420",
        lambda done: watch.step("animate", done / moving.frames),
    )
    body = Body(Footage(pictures, moving.meshes), Loop("cycle", moving.frames, 0.0))
    if mattes is None:
        return body
    bent = keep_pictures(moving.bent(mattes[0]), shop.scratch / "living-mattes.i420", lambda _done: None)
    return Body(body.footage, body.loop, bent, background)


__all__ = ["Body", "make_body", "read_pictures"]
