"""A drawn face laid into its picture, to the bit as MuseTalk does it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.musetalk.boxes import Box

Pixels = npt.NDArray[np.uint8]


def resize_face(face: Pixels, box: Box) -> Pixels:
    """(256, 256, 3) to the box's size."""
    return np.asarray(cv2.resize(face, (box.width, box.height)), np.uint8)


def mix(new: Pixels, old: Pixels, mask: Pixels) -> Pixels:
    """Pillow's way of pasting: (new * mask + old * (255 - mask)) / 255, rounded, exactly."""
    weight = mask.astype(np.uint16)
    summed = new.astype(np.uint32) * weight + old.astype(np.uint32) * (255 - weight) + 128
    mixed: Pixels = ((summed + (summed >> 8)) >> 8).astype(np.uint8)
    return mixed


def blend(frame: Pixels, face: Pixels, box: Box, mask: Pixels, around: Box) -> Pixels:
    """A copy of a picture (rows, columns, 3) with a face of the box's size in it.

    Args:
        mask: (side, side), belongs to the crop box `around`, which may leave the picture.
    """
    height, width = frame.shape[:2]
    inner = box.common(around).clipped(width, height)
    result = frame.copy()
    if inner.width <= 0 or inner.height <= 0:
        return result
    new = _part(face, inner.moved(box.left, box.top))
    weights = _part(mask, inner.moved(around.left, around.top))[..., None]
    target = _part(result, inner)
    target[...] = mix(new, target, weights)
    return result


def _part(picture: Pixels, box: Box) -> Pixels:
    return picture[box.top : box.bottom, box.left : box.right]


__all__ = ["Pixels", "blend", "mix", "resize_face"]
