"""The invisible mark: a payload in the low frequencies of luma, by quantised projections.

Spread transform dither modulation (Chen and Wornell, "Quantization index modulation", IEEE Trans.
Information Theory 47(4), 2001): each code bit has a direction, a few signed coefficients of a block's sine
transform, whose waves end at nought, so that blocks have no seams; the picture's projection on it is moved to
the nearest point of one of two lattices. The picture itself is no noise to the reader then, as it is to a
mark that is merely added (Cox et al., "Secure spread spectrum watermarking", IEEE Trans. Image Processing
6(12), 1997).

All is measured on a grid of 64x64 cells over the whole picture, whatever its size, so that scaling does not
matter. Directions and lattices come from a fixed key in this file: the mark tells whence a clip comes, it
does not keep those out who read this and want to remove or forge it.
"""

from __future__ import annotations

import hashlib
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.marking.code import CODE_BITS, encode
from livetalk.types import Picture, frozen, planes

GRID = 64
"""cells in a row and in a column"""
BLOCK = 8
"""cells in a row and in a column of a block; a direction stays within one, so what moves elsewhere in the
picture does not make it flicker"""
BAND = ((1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (3, 0))
"""a block's coefficients that are used, none of which sees a block's mean: lower ones are seen, higher ones
fall to the encoder"""
SPREAD = 3
"""coefficients of a direction"""
STEP = 17.0
"""distance of a lattice's points, in levels of luma on the grid with orthonormal directions"""
KEY = b"livetalk watermark 1"

Luma = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float32]


class Directions:
    """Where the code bits are: their coefficients, signs and dithers, drawn from a key."""

    def __init__(self, key: bytes = KEY) -> None:
        waves = np.sin(np.pi * np.outer(np.arange(1, BLOCK + 1), np.arange(BLOCK) + 0.5) / BLOCK)
        waves /= np.linalg.norm(waves, axis=1, keepdims=True)
        self._transform: Values = np.kron(np.eye(GRID // BLOCK), waves).astype(np.float32)
        self._places = self._choose(key)
        signs = np.where(_draw(key + b" signs", len(self._places)) < 0.5, -1.0, 1.0)
        self._signs = (signs / np.sqrt(SPREAD)).astype(np.float32)
        self.dither: Values = _draw(key + b" dither", CODE_BITS).astype(np.float32)
        """(CODE_BITS,), in steps: where the lattice of bit 0 begins"""

    def project(self, luma: Luma) -> Values:
        """(CODE_BITS,) projections of a picture."""
        cells = cv2.resize(luma, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        spectrum = (self._transform @ cells @ self._transform.T).reshape(-1)
        weighted = spectrum[self._places] * self._signs
        projections: Values = weighted.reshape(CODE_BITS, SPREAD).sum(axis=1)
        return projections

    def field(self, changes: Values) -> Values:
        """(GRID, GRID): what to add on the grid so that the projections change that much."""
        spectrum = np.zeros(GRID * GRID, np.float32)
        spectrum[self._places] = np.repeat(changes, SPREAD) * self._signs
        coefficients = spectrum.reshape(GRID, GRID)
        return (self._transform.T @ coefficients @ self._transform).astype(np.float32)

    def _choose(self, key: bytes) -> npt.NDArray[np.intp]:
        corners = [row * GRID + column for row in range(0, GRID, BLOCK) for column in range(0, GRID, BLOCK)]
        band = np.array([row * GRID + column for row, column in BAND])
        chosen = []
        for number, corner in enumerate(corners):
            order = np.argsort(_draw(key + b" band %d" % number, len(band)), kind="stable")
            chosen += [*(corner + band[order]).reshape(-1, SPREAD)]
        order = np.argsort(_draw(key + b" order", len(chosen)), kind="stable")[:CODE_BITS]
        return np.concatenate([chosen[place] for place in order])


@cache
def directions() -> Directions:
    """Those of the fixed key."""
    return Directions()


class Watermark:
    """Puts one payload into pictures; keeps nothing between them, any thread may call it."""

    def __init__(self, payload: int) -> None:
        self._directions = directions()
        self._offset: Values = self._directions.dither + encode(payload) * np.float32(0.5)

    def draw(self, picture: Picture) -> None:
        """Change the luma of an I420 picture, in place."""
        luma = planes(picture)[0]
        steps = self._directions.project(luma) / np.float32(STEP) - self._offset
        field = self._directions.field((np.round(steps) - steps) * np.float32(STEP))
        height, width = luma.shape
        smooth = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
        cv2.add(luma, smooth, dst=luma, dtype=cv2.CV_8U)


def _draw(key: bytes, count: int) -> npt.NDArray[np.float64]:
    """`count` numbers of [0, 1), the same on every machine and for ever."""
    return frozen(np.frombuffer(hashlib.shake_256(key).digest(4 * count), "<u4") / 2.0**32)


__all__ = ["STEP", "Directions", "Watermark", "directions"]
