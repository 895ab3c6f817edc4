"""How far two ways of making the same pictures differ, where they draw the mouth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from livetalk.types import FPS, Picture, planes


class Comparison:
    """Takes pictures of both ways two by two; measures their luma, in levels of 0 to 255.

    The mouth's region is where either way's picture is not the body's own: the smallest upright box around.
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.different = 0
        """pictures that are not the same to the bit"""
        self.worst = 0
        """number of the picture with the largest mean difference"""
        self.worst_mean = 0.0
        self._absolute = 0.0
        self._squared = 0.0
        self._pixels = 0

    def add(self, one: Picture, other: Picture, body: Picture) -> None:
        """Compare the next two pictures; `body` is what both were drawn on."""
        if not np.array_equal(one, other):
            self.different += 1
        first, second, below = (planes(picture)[0] for picture in (one, other, body))
        region = _box((first != below) | (second != below))
        difference = np.abs(first[region].astype(np.float32) - second[region])
        if difference.size:
            self._absolute += float(difference.sum())
            self._squared += float(np.square(difference).sum())
            self._pixels += difference.size
            if (mean := float(difference.mean())) > self.worst_mean:
                self.worst, self.worst_mean = self.pictures, mean
        self.pictures += 1

    @property
    def mean(self) -> float:
        """Mean absolute difference."""
        return self._absolute / self._pixels if self._pixels else 0.0

    @property
    def psnr_db(self) -> float:
        """Peak signal to noise ratio over all regions together; infinite where nothing differs."""
        if not self._squared:
            return math.inf
        return 10 * math.log10(255**2 * self._pixels / self._squared)

    def __str__(self) -> str:
        if not self.different:
            return f"all {self.pictures} pictures are the same to the bit"
        return (
            f"{self.different} of {self.pictures} pictures differ; where the mouth is drawn by "
            f"{self.mean:.2f} of 255 in the mean, PSNR {self.psnr_db:.1f} dB; most in picture {self.worst} "
            f"({self.worst / FPS:.2f} s), by {self.worst_mean:.2f}"
        )


def _box(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


__all__ = ["Comparison"]
