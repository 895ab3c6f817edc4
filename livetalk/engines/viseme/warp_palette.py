"""The colours of a mouth's inside, taken from the picture itself, and whether it shows teeth of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livetalk.engines.viseme import warp_points as points
from livetalk.engines.viseme.warp_face import Floats
from livetalk.types import Picture, planes

_LEAST_RED = 22
"""of what is in a mouth, in V"""
_LOOKED_AT = (0.35, 0.5, 0.75)
"""of the way from the upper lip's edge to the lower one's"""
_LOWER_FACE = (points.OUTER_LOWER, points.INNER_LOWER, points.INNER_UPPER)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours (3,), Y, U, V, of one avatar's inner mouth."""

    dark: Floats
    tongue: Floats
    teeth: Floats


def sample(pictures: Sequence[Picture], landmarks: Sequence[Floats]) -> Palette:
    """The colours for a face, averaged over some of its pictures, I420, with their landmarks (60, 2).

    Nothing in a mouth is as bright as the skin in front of it, but for the teeth: those are the
    picture's own if it shows them.
    """
    skins, lips, insides = [], [], []
    for picture, frame in zip(pictures, landmarks, strict=True):
        edges = (points.of(frame, contour)[3:8] for contour in _LOWER_FACE)
        outer, lower, upper = edges
        lips.append(np.median(_colours(picture, (outer + lower) / 2), axis=0))
        insides.append(max(_colours(picture, (lower + upper) / 2), key=lambda colour: float(colour[0])))
        skins.append(np.median(_colours(picture, points.of(frame, points.CHEEKS)), axis=0))
    skin, lip, inside = (np.mean(colours, axis=0) for colours in (skins, lips, insides))
    bright, tint = float(skin[0]), _flesh(0.75 * lip[1:] + 0.25 * skin[1:] - 128)
    teeth = np.array([48 + 0.75 * bright, *(128 + 0.45 * (skin[1:] - 128))], np.float32)
    pale = np.abs(inside[1:] - 128).sum() < 0.6 * np.abs(lip[1:] - 128).sum()
    return Palette(
        dark=np.array([16 + 0.1 * bright, *(128 + 0.45 * tint)], np.float32),
        tongue=np.array([8 + 0.36 * bright + 0.15 * lip[0], *(128 + 0.85 * tint)], np.float32),
        teeth=inside.astype(np.float32) if pale and inside[0] > 0.75 * teeth[0] else teeth,
    )


def keeps_teeth(pictures: Sequence[Picture], landmarks: Sequence[Floats], palette: Palette) -> bool:
    """Whether what is between the lips of some pictures can be seen on as it is, moved with the upper lip.

    That is one row of teeth. What is only dark, or a tongue, is painted as well, and of two rows the lower
    one would hang on the upper lip.
    """
    shares = []
    for picture, frame in zip(pictures, landmarks, strict=True):
        upper, lower = (
            points.of(frame, contour)[3:8] for contour in (points.INNER_UPPER, points.INNER_LOWER)
        )
        rows = [_colours(picture, upper + part * (lower - upper)) for part in _LOOKED_AT]
        lip = np.median(_colours(picture, (points.of(frame, points.OUTER_LOWER)[3:8] + lower) / 2), axis=0)
        high, middle, low = (_are_teeth(row, lip, palette) for row in rows)
        shares.append(float(((high | middle) & ~(~middle & low)).mean()))
    return float(np.median(shares)) > 0.5


def _are_teeth(colours: Floats, lip: Floats, palette: Palette) -> npt.NDArray[np.bool_]:
    """Whether colours (n, 3) are brighter than a mouth's inside, and less red than the lip (3,)."""
    bright = colours[:, 0] > 0.5 * (palette.dark[0] + palette.teeth[0])
    pale = np.abs(colours[:, 1:] - 128).sum(axis=1) < 0.8 * np.abs(lip[1:] - 128).sum()
    return np.asarray(bright & pale)


def _flesh(tint: Floats) -> Floats:
    """A tint (2,), U and V from grey; pale lips hide a red mouth all the same."""
    return np.array([tint[0], max(float(tint[1]), _LEAST_RED)], np.float32)


def _colours(picture: Picture, spots: Floats) -> Floats:
    """The median colours (n, 3) of small squares about spots (n, 2)."""
    luma, chroma = planes(picture)
    height, width = luma.shape
    colours = []
    for x, y in np.rint(spots).astype(int):
        x, y = min(max(x, 2), width - 3), min(max(y, 2), height - 3)
        light = luma[y - 2 : y + 3, x - 2 : x + 3]
        tint = chroma[:, y // 2 - 1 : y // 2 + 2, x // 2 - 1 : x // 2 + 2]
        colours.append((np.median(light), np.median(tint[0]), np.median(tint[1])))
    return np.array(colours, np.float32)


__all__ = ["Palette", "keeps_teeth", "sample"]
