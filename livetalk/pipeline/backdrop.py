"""Backdrop: what is seen of an avatar, laid on the background that its session asks for."""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.background import Background, colour
from livetalk.pipeline.painting import matte_of
from livetalk.protocols import EngineAvatar
from livetalk.types import Picture, Shown, frozen


class Backdrop:
    """Of one session."""

    def __init__(self, background: Background | None = None) -> None:
        self.background = background
        """None for each avatar's own; any thread may set it, the next picture has it"""
        self._laid: tuple[Background, tuple[int, ...], Picture] | None = None

    def lay(self, picture: Picture, shown: Shown, avatar: EngineAvatar) -> Picture:
        """The picture on the background; as it is, where the avatar was not cut out."""
        own = avatar.bundle.manifest.background
        background = self.background or (colour(own) if own else None)
        matte = matte_of(shown, avatar)
        if matte is None or background is None:
            return picture
        return over(picture, matte, self._filled(background, picture))

    def _filled(self, background: Background, picture: Picture) -> Picture:
        laid = self._laid
        if laid is None or laid[0] is not background or laid[1] != picture.shape:
            height, width = picture.shape[0] * 2 // 3, picture.shape[1]
            laid = self._laid = (background, picture.shape, background.fill(width, height))
        return laid[2]


def before_own(picture: Picture, matte: Picture | None, background: str) -> Picture:
    """A picture of an avatar on the avatar's own background; as it is, where it has none."""
    if matte is None or not background:
        return picture
    return over(picture, matte, colour(background).fill(picture.shape[1], picture.shape[0] * 2 // 3))


def over(picture: Picture, matte: Picture, below: Picture) -> Picture:
    """One I420 picture over another, as opaque as the matte says of each value; to one step of 255."""
    upper = cv2.multiply(picture, matte, scale=1 / 255)
    lower = cv2.multiply(below, cv2.bitwise_not(matte), scale=1 / 255)
    return frozen(np.asarray(cv2.add(upper, lower), np.uint8))


__all__ = ["Backdrop", "before_own", "over"]
