"""What is seen of an avatar: one of its pictures, or two that dissolve, with a mouth or at rest."""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.protocols import Engine, EngineAvatar
from livetalk.types import Mouth, Picture, Shown


def at_rest(shown: Shown, avatar: EngineAvatar) -> Picture:
    """The avatar's own picture, read-only where nothing dissolves."""
    pictures = avatar.bundle.pictures
    picture: Picture = pictures[shown.frame]
    return picture if shown.before is None else _dissolved(pictures[shown.before], picture, shown.share)


def painted(engine: Engine, mouth: Mouth, shown: Shown, avatar: EngineAvatar) -> Picture:
    """The same with a mouth, where speech moves the lips."""
    if not shown.lips:
        return at_rest(shown, avatar)
    picture = engine.paste(mouth, shown.frame, avatar)
    if shown.before is None:
        return picture
    return _dissolved(engine.paste(mouth, shown.before, avatar), picture, shown.share)


def matte_of(shown: Shown, avatar: EngineAvatar) -> Picture | None:
    """How opaque each value of what is seen is, 0 to 255; None where the avatar was not cut out."""
    mattes = avatar.bundle.mattes
    if mattes is None:
        return None
    matte: Picture = mattes[shown.frame]
    return matte if shown.before is None else _dissolved(mattes[shown.before], matte, shown.share)


def _dissolved(before: Picture, after: Picture, share: float) -> Picture:
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), np.uint8)


__all__ = ["at_rest", "matte_of", "painted"]
