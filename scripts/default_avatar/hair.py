"""The hair: hundreds of strands between guide curves, each with its own colour and highlight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import skia

from scripts.default_avatar.canvas import (
    FINE,
    Canvas,
    Point,
    Sheet,
    linear,
    opaque,
    paint,
    polygon,
    smooth,
    soften,
)

Guide = list[Point]
"""six points of a strand, from root to tip"""

PART = (236.0, 72.0)
_DARK, _MID, _WARM, _GLOW = (46, 22, 18), (92, 48, 32), (134, 76, 46), (226, 158, 100)

_LEFT: list[Guide] = [
    [(238, 92), (216, 104), (186, 134), (167, 186), (160, 250), (166, 318), (186, 372)],
    [(237, 84), (208, 94), (174, 128), (156, 186), (150, 256), (152, 328), (172, 390)],
    [(237, 76), (200, 82), (162, 120), (143, 184), (137, 262), (136, 340), (156, 402)],
    [(238, 68), (194, 70), (150, 110), (130, 180), (124, 264), (120, 344), (138, 406)],
    [(240, 60), (192, 58), (141, 96), (120, 172), (113, 262), (106, 340), (122, 400)],
]
_RIGHT: list[Guide] = [
    [(238, 92), (266, 112), (312, 132), (342, 182), (352, 250), (346, 318), (326, 374)],
    [(238, 84), (276, 96), (326, 124), (354, 184), (362, 256), (360, 328), (340, 392)],
    [(238, 76), (284, 82), (338, 114), (367, 182), (375, 262), (376, 340), (356, 404)],
    [(238, 68), (292, 68), (350, 104), (380, 178), (388, 264), (392, 344), (374, 408)],
    [(240, 60), (298, 56), (360, 92), (391, 172), (399, 262), (405, 340), (390, 402)],
]


def _between(guides: list[Guide], share: float) -> npt.NDArray[np.float64]:
    """The strand at `share` of the way from the first guide to the last."""
    knots = np.array(guides, np.float64)
    place = share * (len(guides) - 1)
    low = min(int(place), len(guides) - 2)
    part = place - low
    return np.asarray(knots[low] * (1 - part) + knots[low + 1] * part)


def _strand(sky: skia.Canvas, points: npt.NDArray[np.float64], width: float, brush: skia.Paint) -> None:
    """A thin leaf along the curve through `points`."""
    curve = smooth([(float(x), float(y)) for x, y in points], 10)
    along = np.gradient(curve, axis=0)
    across = np.column_stack((-along[:, 1], along[:, 0])) / np.linalg.norm(along, axis=1)[:, None]
    share = np.linspace(0, 1, len(curve))
    half = width / 2 * np.minimum(1, 0.35 + share * 6) * np.clip((1 - share) / 0.35, 0.0, 1) ** 0.7
    sky.drawPath(polygon(np.vstack((curve + across * half[:, None], (curve - across * half[:, None])[::-1]))), brush)


def _brush(points: npt.NDArray[np.float64], light: float, glow: float, where: float, alpha: float) -> skia.Paint:
    """Dark at the root, a bright band at `where`, warm toward the tip."""
    def shade(color: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[float, float, float]:
        return tuple(a + (b - a) * share for a, b in zip(color, other, strict=True))  # type: ignore[return-value]

    base, warm = shade(_DARK, _MID, light), shade(_MID, _WARM, light)
    peak = shade(warm, _GLOW, glow)
    stops = [
        (0.0, base, alpha), (max(0.02, where - 0.13), warm, alpha), (where, peak, alpha),
        (where + 0.13, warm, alpha), (0.62, base, alpha), (0.86, warm, alpha), (1.0, shade(warm, _GLOW, 0.25 * glow), alpha),
    ]  # fmt: skip
    start, end = points[0], points[-1]
    return linear((float(start[0]), float(start[1])), (float(end[0]), float(end[1])), stops)


def _mass(canvas: Canvas, guides: list[Guide], lit: float, seed: int) -> None:
    """One side of the hair."""
    sky = canvas.skia
    inner = smooth([tuple(map(float, p)) for p in guides[0]], 16)
    outer = smooth([tuple(map(float, p)) for p in guides[-1]], 16)
    tips = smooth([tuple(map(float, g[-1])) for g in guides], 8)
    sky.drawPath(polygon(np.vstack((inner, tips, outer[::-1]))), paint(_DARK, 1.0))
    dice = np.random.default_rng(seed)
    for layer, (count, width, spread) in enumerate(((150, 7.0, 0.5), (260, 3.6, 0.8), (260, 1.7, 1.2))):
        for share in np.sort(dice.uniform(0.0, 1.0, count)) if layer == 0 else dice.uniform(0.0, 1.0, count):
            points = _between(guides, float(share))
            points = points + dice.normal(0, spread, points.shape) * np.linspace(0.2, 1.6, len(points))[:, None]
            points[-1] += dice.normal(0, 1.0, 2) * (3.0, 6.0)
            clump = 0.5 + 0.5 * np.sin(share * 41 + seed) * np.sin(share * 17.3 + 2 * seed)
            volume = np.sin(np.pi * np.clip(0.12 + 0.8 * share, 0, 1))
            light = float(np.clip(0.15 + 0.55 * volume * lit + 0.35 * clump + dice.normal(0, 0.10), 0, 1))
            glow = float(np.clip(lit * volume * (0.20 + 0.5 * clump) + dice.normal(0, 0.08), 0, 0.9)) * (0.7 + 0.2 * layer)
            where = float(np.clip(0.30 + 0.03 * np.sin(share * 29) + dice.normal(0, 0.015), 0.18, 0.45))
            _strand(sky, points, width * dice.uniform(0.7, 1.3), _brush(points, light, min(glow, 1), where, (0.85, 0.6, 0.5)[layer]))


def front() -> Sheet:
    """The hair that falls before the face."""
    canvas = Canvas()
    _mass(canvas, _RIGHT, 0.72, 5)
    _mass(canvas, _LEFT, 1.0, 2)
    _loose(canvas)
    return canvas.sheet


def _loose(canvas: Canvas) -> None:
    """A few strands that do not lie with the others."""
    curves: list[Guide] = [
        [(238, 62), (190, 50), (138, 90), (112, 160), (104, 230)],
        [(240, 60), (302, 46), (366, 86), (397, 160), (406, 240)],
        [(238, 66), (260, 52), (300, 54), (350, 84), (380, 130)],
        [(168, 190), (164, 240), (172, 292), (180, 330), (178, 356)],
        [(345, 200), (352, 250), (344, 300), (334, 336), (338, 360)],
        [(122, 260), (112, 330), (112, 380), (124, 412), (120, 424)],
        [(392, 262), (402, 330), (402, 380), (388, 414), (394, 426)],
    ]
    for curve in curves:
        points = np.array(curve, np.float64)
        _strand(canvas.skia, points, 1.3, paint(_WARM, 0.75))


def back() -> Sheet:
    """The hair behind the neck."""
    canvas = Canvas()
    outline = smooth([(250, 56), (330, 62), (384, 120), (398, 220), (404, 330), (392, 398), (330, 408), (256, 396),
                      (182, 408), (118, 398), (108, 330), (114, 220), (128, 120), (170, 62)], closed=True)  # fmt: skip
    stops = [(0.0, (70, 36, 26), 1.0), (0.5, (40, 19, 16), 1.0), (1.0, (30, 14, 13), 1.0)]
    canvas.skia.drawPath(polygon(outline), linear((256, 60), (256, 400), stops))
    dice = np.random.default_rng(11)
    for _ in range(170):
        x = dice.uniform(128, 384)
        points = np.array([(256 + (x - 256) * 0.86, 250), (x, 310), (256 + (x - 256) * 1.03, 360), (x, 404 + dice.normal(0, 5))])
        stops = [(0.0, _DARK, 0.0), (0.4, (70, 36, 26), 0.5), (1.0, (96, 52, 36), 0.5)]
        _strand(canvas.skia, points, dice.uniform(1.5, 4), linear((0, 250), (0, 404), stops))
    return canvas.sheet


def shadow(hair: Sheet) -> Sheet:
    """What the hair throws onto the face and the shoulders: its own shape, moved away from the lamp."""
    alpha = hair[..., 3].astype(np.float32) / 255
    moved = np.roll(alpha, (5 * FINE, 4 * FINE), (0, 1))
    soft = 0.30 * soften(moved, 9.0) + 0.34 * soften(moved, 3.0)
    return opaque(np.broadcast_to(np.float32((92, 34, 30)), (*alpha.shape, 3)), soft)
