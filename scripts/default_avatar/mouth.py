"""The lower face: lit lips, teeth, tongue, and the skin that follows the jaw."""

from __future__ import annotations

import numpy as np
import skia

from scripts.default_avatar.canvas import (
    Canvas,
    Float,
    Sheet,
    coverage,
    grid,
    linear,
    opaque,
    paint,
    polygon,
    radial,
    soften,
)
from scripts.default_avatar.lips import Lips, sink
from scripts.default_avatar.skin import (
    CENTER_X,
    bump,
    height,
    lamp,
    lit_skin,
    mix,
    normals,
    rim_distance,
    shine,
    static_shade,
    step,
)

Box = tuple[int, int, int, int]


def face(lips: Lips, box: Box) -> Sheet:
    """The head's skin with this mouth, inside `box` of the picture."""
    x, y = grid(box)
    fallen = sink(lips, x, y)
    still_y = y - fallen
    outer = coverage(polygon(lips.outer()), box)
    z = height(x, still_y) + _folds(lips, x, y) + 2.2 * soften(outer, 3.0)
    shade = static_shade(x, y) + 0.20 * _below_lip(lips, x, y)
    shade += 0.10 * _corners(lips, x, y)
    color = lit_skin(x, y, z, shade)
    color = _lips(color, lips, box, z)
    alpha = 1 - step(rim_distance(x, still_y), 0.994, 1.002)
    sheet = opaque(color, alpha)
    inside = _inside(lips, box)
    clear = 255 - inside[..., 3:].astype(np.uint16)
    return np.asarray(inside + (sheet * clear + 127) // 255, np.uint8)


def _folds(lips: Lips, x: Float, y: Float) -> Float:
    """The crease from the nose to beside the mouth, deeper in a smile."""
    wide = max(lips.spread, 0.0)
    t = np.clip((y - 280) / 38, 0, 1.4)
    place = 27 + 17 * t**1.1 + 6.0 * lips.spread * t
    window = step(y, 280, 294) * (1 - step(y, 304, 326))
    crease = np.exp(-(((np.abs(x - CENTER_X) - place) / 5.5) ** 2))
    return np.asarray(-(0.55 + 0.85 * wide + 0.02 * lips.drop) * crease * window, np.float32)


def _below_lip(lips: Lips, x: Float, y: Float) -> Float:
    """The shadow that the lower lip throws."""
    lowest = float(lips.lower_outer[:, 1].max())
    half = float(np.ptp(lips.lower_outer[:, 0])) * 0.36
    return bump(x, y, (CENTER_X + 1.5, lowest + 3.0), (half, 4.0))


def _corners(lips: Lips, x: Float, y: Float) -> Float:
    """The small hollows beside the mouth."""
    left, right = lips.upper_outer[0], lips.upper_outer[-1]
    size = (4.5, 4.5)
    return bump(x, y, (left[0] - 1, left[1]), size) + bump(x, y, (right[0] + 1, right[1]), size)


_LIGHTS = (0.0, 0.35, 0.65, 1.0)
_LIP_TONES = np.array(
    [
        [(120, 35, 32), (171, 75, 68), (192, 98, 91), (204, 113, 108)],
        [(135, 41, 36), (193, 87, 78), (216, 114, 104), (230, 131, 123)],
    ],
    np.float32,
)
"""upper and lower lip in the dark, in the shade, in half light and in full light"""


def _lips(color: Float, lips: Lips, box: Box, z: Float) -> Float:
    """Both lips over the skin as one soft ring, rounded and a little wet."""
    ring = np.clip(coverage(polygon(lips.outer()), box) - coverage(polygon(lips.inner()), box), 0, 1)
    lower = coverage(polygon(np.vstack((lips.lower_inner, lips.lower_outer[::-1]))), box)
    low = soften(lower, 1.8) / np.maximum(soften(ring, 1.8), 0.05)
    low = np.clip(low, 0, 1)
    groove = Canvas(box)
    groove.skia.drawPath(polygon(lips.upper_inner, close=False), paint((255, 255, 255), 1.0, 0.7, 1.2))
    depth = soften(groove.sheet[..., 3].astype(np.float32) / 255, 0.8)
    thick = 0.55 * soften(ring, 1.9) + 0.45 * soften(ring, 3.6) - 0.40 * depth
    normal = normals((0.45 * soften(z, 0.8) + (5.6 + 3.2 * low) * thick).astype(np.float32))
    light = lamp(normal)
    tones = [[np.interp(light, _LIGHTS, _LIP_TONES[lip, :, band]) for band in range(3)] for lip in range(2)]
    upper_body, lower_body = (np.stack(bands, axis=-1).astype(np.float32) for bands in tones)
    body: Float = upper_body + (lower_body - upper_body) * low[..., None]
    wet = np.clip(0.55 * shine(normal, 26) + 0.35 * shine(normal, 90), 0, 1)
    body = mix(body, (255, 236, 228), (wet * (0.28 + 0.45 * low)).astype(np.float32))
    edge = np.clip(soften(ring, 0.55) * 1.06, 0, 1)
    return _contact(color + (body - color) * edge[..., None], lips, box)


def _contact(color: Float, lips: Lips, box: Box) -> Float:
    """The dark line where the lips meet, or where they turn inward."""
    canvas = Canvas(box)
    shut = max(0.0, 1 - lips.gap() / 5)
    brush = paint((104, 30, 36), 0.35 + 0.5 * shut, 0.45, 1.15)
    canvas.skia.drawPath(polygon(lips.upper_inner, close=False), brush)
    if shut < 1:
        canvas.skia.drawPath(polygon(lips.lower_inner, close=False), paint((120, 40, 44), 0.35, 0.5, 1.0))
    canvas.skia.drawPath(polygon(lips.upper_inner, close=False), paint((120, 40, 44), 0.22 * shut, 1.6, 3.0))
    for curve in (lips.upper_inner[:4], lips.upper_inner[-4:]):
        canvas.skia.drawPath(polygon(curve, close=False), paint((110, 36, 38), 0.5, 0.8, 1.8))
    line = canvas.sheet.astype(np.float32)
    return color * (1 - line[..., 3:] / 255) + line[..., :3]


def _inside(lips: Lips, box: Box) -> Sheet:
    """What the open mouth shows: the dark, the tongue, the teeth, the shadow of the lips."""
    canvas = Canvas(box)
    if lips.gap() < 0.15:
        return canvas.sheet
    sky = canvas.skia
    opening = polygon(lips.inner())
    sky.save()
    sky.clipPath(opening, True)
    top, bottom = float(lips.upper_inner[:, 1].min()), float(lips.lower_inner[:, 1].max())
    dark = [(0.0, (38, 8, 14), 1.0), (0.5, (70, 16, 24), 1.0), (1.0, (112, 34, 40), 1.0)]
    sky.drawPath(opening, linear((CENTER_X, top), (CENTER_X, bottom + 2), dark))
    _lower_teeth(sky, lips)
    if lips.tongue < 0.5:
        _tongue(sky, lips, bottom)
        _upper_teeth(sky, lips)
    else:
        _upper_teeth(sky, lips)
        _tongue(sky, lips, bottom)
    _lip_shadow(sky, lips)
    sky.restore()
    return canvas.sheet


def _lip_shadow(sky: skia.Canvas, lips: Lips) -> None:
    """What the lips throw into the mouth; the corners lie in the dark."""
    shadow = polygon(lips.upper_inner, close=False)
    sky.drawPath(shadow, paint((46, 8, 12), 0.62, 1.3, 2.4))
    sky.drawPath(shadow, paint((60, 14, 18), 0.30, 2.6, 6.0))
    sky.drawPath(polygon(lips.lower_inner, close=False), paint((70, 16, 20), 0.45, 1.0, 1.6))
    shade = [(0.0, (40, 8, 12), 0.75), (1.0, (40, 8, 12), 0.0)]
    for corner in (lips.upper_inner[0], lips.upper_inner[-1]):
        x, y = float(corner[0]), float(corner[1]) + lips.gap() * 0.2
        sky.drawCircle(x, y, 15, radial((x, y), 15, shade))


_WIDTHS = (8.6, 6.6, 6.4, 5.2, 4.6)
"""of the teeth from the middle outward, in pixels"""


def _upper_teeth(sky: skia.Canvas, lips: Lips) -> None:
    edge = lips.teeth_edge
    _row(sky, [(edge - 16, edge - lift) for lift in (0.0, 0.7, 0.5, 2.0, 3.6)], 1.0)
    shade = [(0.0, (120, 70, 64), 0.46), (0.5, (150, 110, 100), 0.08), (1.0, (160, 120, 110), 0.0)]
    top = float(lips.upper_inner[:, 1].min())
    sky.drawRect(
        skia.Rect.MakeLTRB(CENTER_X - 40, edge - 30, CENTER_X + 40, edge + 1),
        linear((0, top - 1), (0, max(edge, top + 4)), shade),
    )


def _lower_teeth(sky: skia.Canvas, lips: Lips) -> None:
    top = lips.lower_teeth
    _row(sky, [(top + lift, top + 16) for lift in (0.0, 0.2, 0.5, 1.4, 2.6)], 0.74)


def _row(sky: skia.Canvas, ends: list[tuple[float, float]], size: float) -> None:
    """One row of teeth as one soft band with faint gaps, darker to the sides."""
    band = skia.Path()
    x = 0.0
    seams = []
    for width, (top, bottom) in zip(_WIDTHS, ends, strict=True):
        width *= size
        for left in (CENTER_X + x, CENTER_X - x - width):
            tooth = skia.RRect.MakeRectXY(
                skia.Rect.MakeLTRB(left - 0.15, top, left + width + 0.15, bottom), 1.7, 1.9
            )
            band.addRRect(tooth)
        x += width
        seams.append((x, top, bottom))
    stops = [
        (0.0, (156, 122, 112), 1.0), (0.18, (214, 194, 182), 1.0), (0.42, (253, 248, 241), 1.0),
        (0.60, (247, 239, 231), 1.0), (0.82, (202, 178, 166), 1.0), (1.0, (142, 106, 98), 1.0),
    ]  # fmt: skip
    sky.drawPath(band, linear((CENTER_X - x, 0), (CENTER_X + x, 0), stops))
    for place, top, bottom in [(0.0, *ends[0]), *seams[:-1]]:
        for side in (-1, 1):
            sky.drawLine(
                CENTER_X + side * place,
                top + 1,
                CENTER_X + side * place,
                bottom - 1,
                paint((150, 110, 100), 0.16, 0.35, 0.7),
            )


def _tongue(sky: skia.Canvas, lips: Lips, bottom: float) -> None:
    top, half = lips.tongue_top, lips.tongue_width
    low = max(bottom + 14, top + 20)
    body = skia.Rect.MakeLTRB(CENTER_X - half, top, CENTER_X + half, low)
    path = skia.Path()
    path.addRRect(skia.RRect.MakeRectXY(body, half * 0.8, min(11.0, (low - top) / 2)))
    stops = [(0.0, (214, 104, 104), 1.0), (0.4, (194, 80, 84), 1.0), (1.0, (120, 40, 48), 1.0)]
    sky.drawPath(path, linear((CENTER_X, top), (CENTER_X, top + 20), stops, blur=0.8))
    sky.drawLine(CENTER_X, top + 3, CENTER_X, top + 16, paint((130, 40, 50), 0.35, 1.0, 1.2))
    sky.drawOval(
        skia.Rect.MakeLTRB(CENTER_X - half * 0.55, top + 1.2, CENTER_X - half * 0.1, top + 4),
        paint((255, 200, 196), 0.32, 1.2),
    )
