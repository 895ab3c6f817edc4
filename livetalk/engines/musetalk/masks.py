"""From what a face parser sees to how much of the drawn face replaces the old one, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from livetalk.engines.musetalk.boxes import CROP_EXPAND, Box, crop_box
from livetalk.engines.musetalk.classes import LABELS_PX, LIPS, NECK, NOSE, SKIN

Mode = Literal["raw", "neck", "jaw"]
Grey = npt.NDArray[np.uint8]

BLUR_PREPARED, BLUR_OFFLINE = 0.1, 0.05
"""share of the width; MuseTalk blurs less where it parses each picture anew"""


@dataclass(frozen=True, slots=True)
class Cheeks:
    """How far from the middle the cheeks begin, in pixels of the label map."""

    left: int = 90
    right: int = 90


def parse(labels: Grey, mode: Mode, cheeks: Cheeks = Cheeks()) -> Grey:
    """(512, 512) classes of the face parser to 0 or 255: what is redrawn."""
    if mode == "jaw":
        return _with_jaw(labels, cheeks)
    wanted = (SKIN, *LIPS, NECK) if mode == "neck" else (SKIN, *LIPS)
    return _white(np.isin(labels, wanted))


def _with_jaw(labels: Grey, cheeks: Cheeks) -> Grey:
    """Skin, grown upwards and less on the cheeks, without the nose."""
    grown = cv2.dilate(_white(labels == SKIN), growth_kernel())
    shrunk = cv2.erode(grown, cheek_kernel(), iterations=2)
    skin = np.where(cheek_columns(cheeks), shrunk, grown)
    return _white(((skin > 0) & (labels != NOSE)) | np.isin(labels, LIPS))


def growth_kernel() -> Grey:
    """(33, 33): a triangle over a block; a pixel grows 16 rows up, 6 down, 10 to the sides."""
    kernel = np.zeros((33, 33), np.uint8)
    for row in range(11):
        kernel[10 + row, 16 - row : 17 + row] = 1
    kernel[21:, 6:27] = 1
    return kernel


def cheek_kernel() -> Grey:
    """(3, 35) ellipse."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (35, 3)), np.uint8)


def cheek_columns(cheeks: Cheeks) -> npt.NDArray[np.bool_]:
    """(512,): which columns are cheek."""
    columns = np.arange(LABELS_PX)
    middle = LABELS_PX // 2
    return (columns <= middle - cheeks.left) | (columns >= middle + cheeks.right)


def blend_mask(
    parsed: Grey,
    box: Box,
    blur: float = BLUR_PREPARED,
    upper: float = 0.5,
    expand: float = CROP_EXPAND,
) -> tuple[Grey, Box]:
    """The soft mask of a face, (side, side), and the crop box it belongs to.

    Args:
        parsed: (512, 512), 0 or 255, of the crop box.
        box: the face; nothing outside it is redrawn, but for the blur.
        blur: width of the blur, as a share of the crop box's.
        upper: share of the crop box's height, from above, that is left alone.
        expand: of the crop box against the face's.
    """
    around = crop_box(box, expand)
    size = (around.width, around.height)
    sized = np.asarray(Image.fromarray(parsed).resize(size))  # bicubic, as there
    inner = box.moved(around.left, around.top).clipped(*size)
    top = max(inner.top, int(around.height * upper))
    mask = np.zeros((around.height, around.width), np.uint8)
    mask[top : inner.bottom, inner.left : inner.right] = sized[top : inner.bottom, inner.left : inner.right]
    kernel = int(blur * around.width // 2 * 2) + 1
    return np.asarray(cv2.GaussianBlur(mask, (kernel, kernel), 0), np.uint8), around


def _white(flags: npt.NDArray[np.bool_]) -> Grey:
    return np.where(flags, np.uint8(255), np.uint8(0))


__all__ = [
    "BLUR_OFFLINE",
    "BLUR_PREPARED",
    "Cheeks",
    "Mode",
    "blend_mask",
    "cheek_columns",
    "cheek_kernel",
    "growth_kernel",
    "parse",
]
