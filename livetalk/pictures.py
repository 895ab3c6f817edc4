"""Pictures of one size made to fit another."""

from __future__ import annotations

import av
import numpy as np

from livetalk.types import Picture, planes

BLACK = (16, 128)
"""luma and chroma of the bars beside a picture of another shape"""
STEPS = (2, 1)
"""samples of luma and of chroma from one chroma sample to the next"""


def fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """An I420 picture scaled to fit into `size` (width, height), black bars filling up what is left."""
    height, width = planes(picture)[0].shape
    if (width, height) == size:
        return picture
    scale = min(size[0] / width, size[1] / height)
    inner = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
    frame = av.VideoFrame.from_numpy_buffer(picture, format="yuv420p")
    scaled: Picture = frame.reformat(width=inner[0], height=inner[1], interpolation="AREA").to_ndarray()  # type: ignore[assignment]
    if inner == size:
        return scaled
    framed = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    for target, source, level, step in zip(planes(framed), planes(scaled), BLACK, STEPS, strict=True):
        target[...] = level
        rows, columns = source.shape[-2:]
        top, left = (size[1] - inner[1]) // 4 * step, (size[0] - inner[0]) // 4 * step
        target[..., top : top + rows, left : left + columns] = source
    return framed


__all__ = ["fitted"]
