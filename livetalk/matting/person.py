"""The person's matte, by MediaPipe's network for selfies, drawn finer than the network sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.face.network import Network
from livetalk.matting.guided import guided
from livetalk.types import Float32Array, Picture

FILE = "face/selfie_segmentation.tflite"
SAMPLES = 8
"""pictures by which it is found out where the person is"""
MARGIN = 0.12
"""around the person, of the picture's shorter edge"""
SEEN, SURE = 0.5, (0.3, 0.85)
"""what counts as the person; and below and above what a matte is nothing, and all"""
ISLAND = 0.1
"""of the largest part, below which a part is none of the person"""
RADIUS = 1 / 90
"""of the guided filter, against the picture's shorter edge"""

Box = tuple[int, int, int, int]
"""left, top, right, bottom, pixels"""


class PersonMatte:
    """Finds the person, or the persons, of I420 pictures."""

    def __init__(self, models: Path) -> None:
        """Read the network.

        Raises:
            ModelError: it is missing or damaged.
        """
        self._network = Network(models / FILE)

    def mattes(self, pictures: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
        """How opaque each pixel of pictures (frames, height * 3 // 2, width) is, 0 to 255.

        What flickers from one picture to the next is evened out.
        """
        box = self._whereabouts(pictures)
        coarse = _evened(self._coarse(each, box) for each in pictures)
        for picture, matte in zip(pictures, coarse, strict=True):
            yield _fine(picture, matte, box)

    def _whereabouts(self, pictures: npt.NDArray[np.uint8]) -> Box:
        """The part of the pictures where somebody is: of that, the network sees more."""
        height, width = pictures.shape[1] * 2 // 3, pictures.shape[2]
        whole = (0, 0, width, height)
        chosen = np.unique(np.linspace(0, len(pictures) - 1, SAMPLES).astype(int))
        seen = np.max([_spread(self._coarse(pictures[one], whole), whole) for one in chosen], axis=0) > SEEN
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if not len(rows):
            return whole
        margin = round(min(width, height) * MARGIN)
        return (
            max(0, int(columns[0]) - margin),
            max(0, int(rows[0]) - margin),
            min(width, int(columns[-1]) + 1 + margin),
            min(height, int(rows[-1]) + 1 + margin),
        )

    def _coarse(self, picture: Picture, box: Box) -> Float32Array:
        """What the network says of a part of a picture, as finely as it sees."""
        left, top, right, bottom = box
        colours = cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420)[top:bottom, left:right]
        side = self._network.size_px
        small = cv2.resize(colours, (side, side), interpolation=cv2.INTER_AREA)
        (said, *_) = self._network(small.astype(np.float32) / np.float32(255))
        return _whole(said.reshape(side, side))


def _whole(matte: Float32Array) -> Float32Array:
    """Without what lies apart and is small."""
    count, parts, numbers, _ = cv2.connectedComponentsWithStats((matte > SEEN).astype(np.uint8))
    if count <= 2:
        return matte
    areas = numbers[:, cv2.CC_STAT_AREA]
    small = np.flatnonzero(areas < areas[1:].max() * ISLAND)
    islands = cv2.dilate(np.isin(parts, small[small > 0]).astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where((islands > 0) & ~np.isin(parts, np.setdiff1d(np.arange(1, count), small)), 0, matte)


def _evened(mattes: Iterable[Float32Array]) -> Iterator[Float32Array]:
    """Each with a quarter of those before and after it."""
    before: Float32Array | None = None
    current: Float32Array | None = None
    for after in mattes:
        if current is not None:
            yield _mixed((current if before is None else before, 1), (current, 2), (after, 1))
        before, current = current, after
    if current is not None:
        yield _mixed((current if before is None else before, 1), (current, 3))


def _mixed(*parts: tuple[Float32Array, int]) -> Float32Array:
    return np.asarray(sum(matte * (weight / 4) for matte, weight in parts), np.float32)


def _spread(coarse: Float32Array, box: Box) -> Float32Array:
    left, top, right, bottom = box
    size = (right - left, bottom - top)
    return np.clip(np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32), 0, 1)


def _fine(picture: Picture, coarse: Float32Array, box: Box) -> npt.NDArray[np.uint8]:
    left, top, right, bottom = box
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    guide = np.asarray(picture[top:bottom, left:right] / 255, np.float32)
    radius = max(2, round(min(width, height) * RADIUS))
    fitted = guided(guide, _spread(coarse, box), radius)
    low, high = SURE
    matte = np.zeros((height, width), np.uint8)
    matte[top:bottom, left:right] = np.rint(np.clip((fitted - low) / (high - low), 0, 1) * 255)
    return matte


__all__ = ["FILE", "PersonMatte"]
