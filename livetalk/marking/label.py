"""The visible mark: a short text on a dark pill in the picture's upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.errors import SettingsError
from livetalk.types import Picture, frozen, planes

TEXT_SHARE = 0.05
"""height of the text's capitals and their line, of the picture's shorter side"""
SMALLEST = 12
"""pixels of that, at the least"""
SMALLEST_PICTURE = 32
"""pixels of the shorter side, below which nothing could be read"""
WIDEST = 0.9
"""of the picture's width; longer texts get smaller letters"""
MARGIN = 0.8
"""distance to the picture's edges, in heights of the text"""
PADDING = (0.3, 0.6)
"""of the pill above and beside the text, in heights of it"""
PILL = 0.55
"""how much of what is below the pill it hides"""
DARK, BRIGHT, GREY = 24.0, 232.0, 128.0
"""luma of pill and letters, and the chroma of both"""
FINE = 4
"""the text is drawn this much larger, then scaled down: opencv's strokes are whole pixels"""
LONGEST = 60
"""characters"""
FACE = cv2.FONT_HERSHEY_SIMPLEX

Shade = npt.NDArray[np.float32]
"""from 0 to 1"""


@dataclass(frozen=True, slots=True)
class _Pill:
    """The label of one size: what share of each sample below it stays, and what comes on top."""

    margin: int
    """pixels to the picture's upper and left edge, even"""
    luma_keep: Shade
    """(rows, columns), even both"""
    luma_add: Shade
    chroma_keep: Shade
    """(rows // 2, columns // 2)"""
    chroma_add: Shade

    def draw(self, picture: Picture) -> None:
        """Blend it into an I420 picture, in place."""
        luma, chroma = planes(picture)
        _blend(luma, self.margin, self.luma_keep, self.luma_add)
        for plane in chroma:
            _blend(plane, self.margin // 2, self.chroma_keep, self.chroma_add)


class Label:
    """Draws one text; keeps what it made for a size of pictures, any thread may call it."""

    def __init__(self, text: str, font: Path | None = None) -> None:
        """Check that the text can be drawn.

        Raises:
            SettingsError: a letter is not in the built-in font, the font cannot be read, or Pillow is
                missing.
        """
        if len(text) > LONGEST or not text.isprintable():
            raise SettingsError(f"label: it is one line of up to {LONGEST} characters, not {text!r}")
        if font is None and not text.isascii():
            raise SettingsError(
                f"label: the built-in font has Latin letters only, not all of {text!r}; "
                "set label_font to a font file (.ttf, .otf) that has them"
            )
        self._text = text
        self._font = font
        self._pill_for = lru_cache(8)(self._pill)
        self._letters(SMALLEST)

    def draw(self, picture: Picture) -> None:
        """Blend it into an I420 picture, in place."""
        height, width = planes(picture)[0].shape
        if min(height, width) < SMALLEST_PICTURE:
            return
        self._pill_for(width, height).draw(picture)

    def _pill(self, width: int, height: int) -> _Pill:
        """For pictures of this size."""
        size = max(SMALLEST, round(TEXT_SHARE * min(width, height)))
        letters = self._letters(size)
        room = int(WIDEST * width - 2 * (MARGIN + PADDING[1]) * size)
        if letters.shape[1] > room:
            size = max(6, size * room // letters.shape[1])
            letters = self._letters(size)
        above, beside = (round(share * size) for share in PADDING)
        shape = (_even(letters.shape[0] + 2 * above), _even(letters.shape[1] + 2 * beside))
        shade = _rounded(*shape) * np.float32(PILL)
        text = np.zeros(shape, np.float32)
        top, left = (shape[0] - letters.shape[0]) // 2, (shape[1] - letters.shape[1]) // 2
        text[top : top + letters.shape[0], left : left + letters.shape[1]] = letters
        keep = (1 - shade) * (1 - text)
        add = shade * (1 - text) * np.float32(DARK) + text * np.float32(BRIGHT)
        margin = _even(round(MARGIN * size))
        rows, columns = min(shape[0], height - margin), min(shape[1], width - margin)
        keep, add = keep[:rows, :columns], add[:rows, :columns]
        thin = cv2.resize(keep, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
        return _Pill(margin, keep, add, thin, (1 - thin) * np.float32(GREY))

    def _letters(self, size: int) -> Shade:
        """The text, (size * 4 // 3 or so, width)."""
        if self._font is not None:
            return _by_font(self._text, self._font, size)
        scale = cv2.getFontScaleFromHeight(FACE, round(0.72 * size * FINE), FINE)
        stroke = max(1, round(size * FINE * 0.105))
        (width, height), below = cv2.getTextSize(self._text, FACE, scale, stroke)
        rows, columns = (round((length + 2 * stroke) / FINE) * FINE for length in (height + below, width))
        fine = np.zeros((rows, columns), np.uint8)
        cv2.putText(fine, self._text, (stroke, height + stroke), FACE, scale, 255, stroke, cv2.LINE_AA)
        small = cv2.resize(fine, (columns // FINE, rows // FINE), interpolation=cv2.INTER_AREA)
        return frozen(small.astype(np.float32) / 255)


def _by_font(text: str, path: Path, size: int) -> Shade:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise SettingsError('label_font needs Pillow: pip install "livetalk[label]"') from error
    try:
        font = ImageFont.truetype(str(path), round(1.05 * size))
    except OSError as error:
        raise SettingsError(f"label_font: {path} cannot be read as a font: {error}") from error
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font)
    return frozen(np.asarray(image).astype(np.float32) / 255)


def _rounded(rows: int, columns: int) -> Shade:
    fine = np.zeros((rows * FINE, columns * FINE), np.uint8)
    radius = rows * FINE // 2
    cv2.rectangle(fine, (radius, 0), (columns * FINE - radius - 1, rows * FINE - 1), 255, -1)
    for centre in (radius, columns * FINE - radius - 1):
        cv2.circle(fine, (centre, radius), radius, 255, -1)
    small = cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_AREA)
    return frozen(small.astype(np.float32) / 255)


def _blend(plane: npt.NDArray[np.uint8], margin: int, keep: Shade, add: Shade) -> None:
    rows, columns = keep.shape
    place = plane[margin : margin + rows, margin : margin + columns]
    place[...] = (place * keep + add + 0.5).astype(np.uint8)


def _even(length: int) -> int:
    return length + length % 2


__all__ = ["Label"]
