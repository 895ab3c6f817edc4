"""Who is seen is cut out of what is behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livetalk.avatar.matte import grey
from livetalk.avatar.recipe import Recipe
from livetalk.creation.keeping import Pictures, keep_pictures
from livetalk.creation.photos import BACKDROP
from livetalk.creation.watch import Doubt, Watch
from livetalk.creation.workshop import Workshop
from livetalk.errors import AvatarError
from livetalk.matting.edges import own_colours
from livetalk.matting.key import Key, find_key
from livetalk.matting.person import PersonMatte
from livetalk.types import Picture, planes

PLAIN = "#{2:02x}{1:02x}{0:02x}".format(*BACKDROP)
LEAST, MOST = 0.02, 0.99
"""of the pictures, that somebody who was cut out well takes"""


@dataclass(frozen=True, slots=True)
class CutOut:
    """Pictures whose edges show nothing of what was behind, and how opaque they are."""

    pictures: Pictures
    mattes: Pictures
    """grey pictures, one for each"""
    background: str
    """a colour"""


def cut_out(
    pictures: Pictures, given: Pictures | None, recipe: Recipe, shop: Workshop, watch: Watch
) -> CutOut | None:
    """Cut somebody out as the recipe says; None where nothing is to be done.

    Args:
        pictures: I420, of the body.
        given: grey pictures, where the source says itself how opaque it is.
        recipe: says how.
        shop: where it is done, and with what.
        watch: told how far it is.

    Raises:
        AvatarError: there is no wall of one strong colour to take away, or nobody.
        ModelError: the network that finds people is missing or damaged.
    """
    way = recipe.cut_out
    key = find_key(pictures[0]) if way == "key" or (way == "auto" and given is None) else None
    if way == "no" or (way == "alpha" and given is None):
        if recipe.background:
            raise AvatarError(
                "a background needs somebody who is cut out: choose cut out auto, key or person"
            )
        return None
    if way == "key" and key is None:
        raise AvatarError(
            "there is no wall of one strong colour behind the person; cut out person finds the person instead"
        )
    mattes, clean = _mattes(pictures, given if way in ("alpha", "auto") else None, key, shop)
    count = len(pictures)
    kept = keep_pictures(
        map(grey, mattes), shop.scratch / "mattes.i420", lambda done: watch.step("cut", done / count)
    )
    _check(kept, pictures, watch)
    cut = keep_pictures(_own(pictures, kept, clean), shop.scratch / "cut.i420", lambda _done: None)
    return CutOut(cut, kept, recipe.background or PLAIN)


def _mattes(
    pictures: Pictures, given: Pictures | None, key: Key | None, shop: Workshop
) -> tuple[Iterator[npt.NDArray[np.uint8]], Callable[[Picture], Picture]]:
    """How opaque the pictures are, and what takes the wall's light from them."""
    if given is not None:
        return (planes(matte)[0] for matte in given), np.asarray
    if key is not None:
        return (key.matte(picture) for picture in pictures), key.without_spill
    return PersonMatte(shop.models).mattes(pictures), np.asarray


def _own(pictures: Pictures, mattes: Pictures, clean: Callable[[Picture], Picture]) -> Iterator[Picture]:
    for picture, matte in zip(pictures, mattes, strict=True):
        yield own_colours(clean(picture), planes(matte)[0])


def _check(mattes: Pictures, pictures: Pictures, watch: Watch) -> None:
    shares = np.array([float(planes(matte)[0].mean()) / 255 for matte in mattes])
    empty = np.flatnonzero(shares < LEAST)
    if len(empty) == len(shares):
        raise AvatarError("nobody was found to cut out; cut out no leaves the pictures as they are")
    if len(empty):
        some = f"{len(empty)} of {len(shares)} pictures"
        text = f"in {some} nobody was found to cut out; choose a part without them"
        watch.doubt(Doubt("cut", text, pictures[int(empty[0])]))
    whole = np.flatnonzero(shares > MOST)
    if len(whole):
        some = "" if len(whole) == len(shares) else f"in {len(whole)} of {len(shares)} pictures "
        text = f"{some}hardly anything was behind the person to be cut away"
        watch.doubt(Doubt("cut", text, pictures[int(whole[0])]))


__all__ = ["CutOut", "cut_out"]
