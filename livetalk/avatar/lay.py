"""One plane of a picture laid over another, as opaque as it is said."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt


def lay(target: npt.NDArray[np.uint8], plane: cv2.typing.MatLike, opacity: cv2.typing.MatLike) -> None:
    """Lay a plane (rows, columns) over `target`, in place; opacities 0 and 255 are exact."""
    below = cv2.multiply(target, cv2.bitwise_not(opacity), scale=1 / 255)
    target[...] = cv2.add(below, cv2.multiply(plane, opacity, scale=1 / 255))


__all__ = ["lay"]
