"""The key: a wall of one strong colour, green or blue as a rule, is what is not opaque.

A pixel that the person and the wall share has a chroma between theirs. Along the direction of the wall's
own chroma, grey is 0 and the wall 1; what leans to another colour is the person's. (The colour difference
key of P. Vlahos, said in YCbCr.)
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.matting.guided import guided
from livetalk.types import Float32Array, Picture, planes

BORDER = 0.05
"""of the picture's edges, where the wall is looked for"""
SIDES = 0.7
"""of the left and right edge, from above: the person may reach the rest"""
STRONG = 26.0
"""of 127, how far the wall's chroma is from grey"""
NEAR = 20.0
"""of 127, how far a pixel's chroma may be from the wall's to count as wall"""
MOSTLY = 0.55
"""of the border, that has to be wall"""
PERSON, WALL = 0.1, 0.85
"""along that direction: up to where all is the person; and of what the wall has, from where on all is wall"""
BESIDE = 0.3
"""how much of what a pixel has beside that direction speaks against the wall: yellow is not green"""
RADIUS = 1 / 180
"""of the guided filter, against the picture's shorter edge"""


@dataclass(frozen=True, slots=True)
class Key:
    """A wall's chroma."""

    towards: tuple[float, float]
    """a unit vector, of U and V"""
    strength: float
    """its length"""
    wall: float
    """share of that strength from which on all is wall"""

    def matte(self, picture: Picture) -> npt.NDArray[np.uint8]:
        """How opaque each pixel (height, width) of an I420 picture is, 0 to 255."""
        luma, _ = planes(picture)
        height, width = luma.shape
        lean = self._lean(picture)
        coarse = 1 - np.clip((lean - PERSON) / (self.wall - PERSON), 0, 1)
        spread = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        radius = max(1, round(min(width, height) * RADIUS))
        fitted = guided(np.asarray(luma / 255, np.float32), np.asarray(spread, np.float32), radius)
        sharp = np.where((spread <= 0) | (spread >= 1), spread, fitted)
        return np.asarray(np.rint(sharp * 255), np.uint8)

    def without_spill(self, picture: Picture) -> Picture:
        """The picture without the wall's light on the person."""
        clean = picture.copy()
        _, chroma = planes(clean)
        excess = np.maximum(0, self._lean(picture)) * self.strength
        for plane, part in zip(chroma, self.towards, strict=True):
            plane[:] = np.clip(np.rint(plane - excess * part), 0, 255)
        return clean

    def _lean(self, picture: Picture) -> Float32Array:
        """By how much more each pixel of chroma leans to the wall's than to any other: the wall is 1."""
        _, (u, v) = planes(picture)
        x, y = u.astype(np.float32) - 128, v.astype(np.float32) - 128
        along = x * self.towards[0] + y * self.towards[1]
        beside = np.abs(y * self.towards[0] - x * self.towards[1])
        lean: Float32Array = (along - BESIDE * beside) / self.strength
        return lean


def find_key(picture: Picture) -> Key | None:
    """The wall behind the person of an I420 picture; None where there is none of one strong colour."""
    found = _at_border(picture)
    middle = np.median(found, axis=0)
    strength = float(np.hypot(*middle))
    if strength < STRONG or (np.hypot(*(found - middle).T) < NEAR).mean() < MOSTLY:
        return None
    towards = (float(middle[0]) / strength, float(middle[1]) / strength)
    on_wall = found[np.hypot(*(found - middle).T) < NEAR]
    along, beside = on_wall @ towards, np.abs(on_wall @ (-towards[1], towards[0]))
    wall = float(np.percentile((along - BESIDE * beside) / strength, 1)) * WALL
    return Key(towards, strength, max(wall, 2 * PERSON))


def _at_border(picture: Picture) -> npt.NDArray[np.float64]:
    """(n, 2): chroma along the upper edge and both sides; the person may stand on the lower one."""
    _, chroma = planes(picture)
    _, rows, columns = chroma.shape
    lower = round(rows * SIDES)
    edge = max(2, round(min(rows, columns) * BORDER))
    parts = (chroma[:, :edge], chroma[:, :lower, :edge], chroma[:, :lower, -edge:])
    return np.concatenate([part.reshape(2, -1) for part in parts], axis=1).T.astype(np.float64) - 128


__all__ = ["Key", "find_key"]
