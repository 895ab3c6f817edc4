"""Drawing surfaces: everything is drawn in picture pixels, on a sheet three times as fine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import skia

SIZE = 512
"""pixels, width and height of the finished picture"""
FINE = 3
"""how many sheet pixels make one picture pixel, in a row"""

Float: TypeAlias = npt.NDArray[np.floating[Any]]
Sheet: TypeAlias = npt.NDArray[np.uint8]
"""(rows, columns, 4), premultiplied RGBA, FINE times finer than the picture"""
Plane: TypeAlias = npt.NDArray[np.uint8]
"""(rows, columns)"""
Rgb: TypeAlias = tuple[float, float, float]
Point: TypeAlias = tuple[float, float]


class Canvas:
    """A transparent sheet that shows the part `box` (left, top, right, bottom) of the picture."""

    def __init__(self, box: tuple[int, int, int, int] = (0, 0, SIZE, SIZE)) -> None:
        left, top, right, bottom = box
        self.sheet: Sheet = np.zeros(((bottom - top) * FINE, (right - left) * FINE, 4), np.uint8)
        self._surface = skia.Surface(self.sheet, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self.skia: Any = self._surface.getCanvas()
        self.skia.scale(FINE, FINE)
        self.skia.translate(-left, -top)


def paint(color: Rgb, alpha: float = 1.0, blur: float = 0.0, width: float = 0.0) -> Any:
    """A brush: filled, or a round stroke of `width`; `blur` is its softness (sigma), in pixels."""
    brush = skia.Paint(AntiAlias=True)
    red, green, blue = (max(0, min(255, round(value))) for value in color)
    brush.setColor(skia.ColorSetARGB(max(0, min(255, round(alpha * 255))), red, green, blue))
    if width:
        brush.setStyle(skia.Paint.kStroke_Style)
        brush.setStrokeWidth(width)
        brush.setStrokeCap(skia.Paint.kRound_Cap)
        brush.setStrokeJoin(skia.Paint.kRound_Join)
    if blur:
        brush.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return brush


def _colors(stops: Sequence[tuple[float, Rgb, float]]) -> tuple[list[int], list[float]]:
    colors = [
        skia.ColorSetARGB(round(alpha * 255), *(max(0, min(255, round(value))) for value in color))
        for _, color, alpha in stops
    ]
    return colors, [place for place, _, _ in stops]


def linear(start: Point, end: Point, stops: Sequence[tuple[float, Rgb, float]], **more: float) -> Any:
    """A brush that runs through `stops` (place, colour, alpha) from `start` to `end`."""
    brush = paint((0, 0, 0), **more)
    brush.setShader(skia.GradientShader.MakeLinear([start, end], *_colors(stops)))
    return brush


def radial(center: Point, radius: float, stops: Sequence[tuple[float, Rgb, float]], **more: float) -> Any:
    """A brush that runs through `stops` (place, colour, alpha) outwards from `center`."""
    brush = paint((0, 0, 0), **more)
    brush.setShader(skia.GradientShader.MakeRadial(center, radius, *_colors(stops)))
    return brush


def polygon(points: npt.ArrayLike, *, close: bool = True) -> Any:
    """A path through (n, 2) points."""
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in np.asarray(points)], close)
    return path


def smooth(points: Iterable[Point], samples: int = 24, *, closed: bool = False) -> npt.NDArray[np.float64]:
    """Points of the Catmull-Rom curve through `points`, `samples` for each piece."""
    knots = np.asarray(list(points), np.float64)
    if closed:
        knots = np.vstack((knots[-1], knots, knots[:2]))
    else:
        knots = np.vstack((2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]))
    t = np.linspace(0, 1, samples, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    if not closed:
        pieces.append(knots[-2][None])
    return np.vstack(pieces)


def grid(box: tuple[int, int, int, int]) -> tuple[Float, Float]:
    """The picture coordinates x, y of each sheet pixel of `box`."""
    left, top, right, bottom = box
    x = left + (np.arange((right - left) * FINE, dtype=np.float32) + 0.5) / FINE
    y = top + (np.arange((bottom - top) * FINE, dtype=np.float32) + 0.5) / FINE
    across, down = np.meshgrid(x, y)
    return across, down


def coverage(path: Any, box: tuple[int, int, int, int], blur: float = 0.0) -> Float:
    """How much of each sheet pixel of `box` lies inside `path`, 0 to 1; softened by `blur` pixels."""
    canvas = Canvas(box)
    canvas.skia.drawPath(path, paint((255, 255, 255)))
    inside = canvas.sheet[..., 3].astype(np.float32) / 255
    return soften(inside, blur)


def soften(field: Float, sigma: float) -> Float:
    """A Gaussian blur; sigma in picture pixels."""
    if not sigma:
        return field
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma * FINE), np.float32)


def over(top: Sheet, below: Sheet) -> Sheet:
    """Lay one premultiplied sheet over another."""
    clear = 255 - top[..., 3:].astype(np.uint16)
    return (top + (below * clear + 127) // 255).astype(np.uint8)


def opaque(color: Float, alpha: Float) -> Sheet:
    """Premultiply (rows, columns, 3) colours of 0 to 255 with an alpha of 0 to 1."""
    alpha = alpha[..., None]
    sheet: Sheet = (
        np.concatenate((np.clip(color, 0, 255) * alpha, alpha * 255), axis=-1).round().astype(np.uint8)
    )
    return sheet


def shrink(sheet: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A sheet as picture pixels."""
    rows, columns = sheet.shape[0] // FINE, sheet.shape[1] // FINE
    return np.asarray(cv2.resize(sheet, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
