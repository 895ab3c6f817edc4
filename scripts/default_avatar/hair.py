"""The hair: locks of hundreds of strands between guide curves, each with its own colour and light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import skia

from scripts.default_avatar.canvas import (
    FINE,
    Canvas,
    Point,
    Rgb,
    Sheet,
    linear,
    opaque,
    paint,
    polygon,
    smooth,
    soften,
)

Curve = npt.NDArray[np.float64]
Guide = list[Point]
"""eight points of a strand, from root to tip"""

_DARK, _MID, _WARM, _GLOW = (52, 25, 20), (98, 50, 33), (142, 80, 48), (238, 176, 118)

_LEFT: list[Guide] = [
    [(233, 111), (211, 121), (183, 148), (165, 192), (157, 244), (160, 302), (172, 352), (184, 394)],
    [(240, 84), (204, 88), (163, 124), (140, 182), (131, 252), (133, 322), (143, 378), (164, 420)],
    [(256, 43), (204, 47), (148, 78), (117, 144), (107, 222), (104, 296), (108, 362), (134, 420)],
]
_RIGHT: list[Guide] = [
    [(233, 111), (262, 130), (303, 146), (337, 182), (354, 240), (353, 302), (341, 352), (328, 394)],
    [(240, 84), (282, 88), (338, 118), (369, 178), (380, 250), (381, 322), (371, 378), (350, 420)],
    [(250, 43), (306, 48), (366, 82), (397, 146), (406, 224), (409, 298), (405, 364), (380, 420)],
]
_WISPS: list[Guide] = [
    [(250, 44), (214, 39), (170, 50), (140, 80)],
    [(254, 43), (290, 38), (336, 50), (370, 80)],
    [(258, 44), (310, 42), (360, 64), (390, 108)],
    [(234, 111), (262, 132), (303, 150), (335, 188), (349, 244), (346, 300)],
    [(233, 111), (211, 123), (184, 151), (167, 196), (161, 250), (166, 300)],
]
_PART = [(233, 112), (237, 96), (243, 80), (250, 64)]


@dataclass(frozen=True, slots=True)
class _Lock:
    """A bundle of strands that end together."""

    guides: list[Guide]
    middle: float
    """place between the first guide, 0, and the last one, 1"""
    half: float
    wave: float
    """phase of its curl"""
    lit: float
    """how much of the lamp reaches it"""
    edge: float
    """how much of the light from behind reaches it"""


def _mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(color, other, strict=True))
    return red, green, blue


def _strand(lock: _Lock, off: float, dice: np.random.Generator) -> Curve:
    """A strand that starts `off` (-1 to 1) beside the lock's middle and nears it toward the tip."""
    knots = np.array(lock.guides, np.float64)
    along = np.linspace(0, 1, knots.shape[1])
    share = np.clip(lock.middle + lock.half * off * (1.15 - 0.75 * along**2), 0, 1) * (len(knots) - 1)
    low = np.minimum(share.astype(int), len(knots) - 2)
    part = (share - low)[:, None]
    points = np.arange(len(along))
    curve = knots[low, points] * (1 - part) + knots[low + 1, points] * part
    swing = 13.0 * np.clip(along - 0.30, 0, 1) ** 0.8
    curve[:, 0] += swing * np.sin(2 * np.pi * 1.75 * along + lock.wave)
    curve += dice.normal(0, 0.5, curve.shape) * along[:, None]
    curve[-1] += dice.normal(0, 1.0, 2) * (1.5, 6.0) + (0, 9 * np.sin(5 * lock.wave))
    return smooth([(float(x), float(y)) for x, y in curve], 9)


def _leaf(sky: skia.Canvas, curve: Curve, width: float, brush: skia.Paint) -> None:
    """A thin shape along a curve, pointed at its tip."""
    along = np.gradient(curve, axis=0)
    across = np.column_stack((-along[:, 1], along[:, 0])) / np.linalg.norm(along, axis=1)[:, None]
    share = np.linspace(0, 1, len(curve))
    half = width / 2 * np.minimum(1, 0.4 + share * 5) * np.clip((1 - share) / 0.4, 0.0, 1) ** 0.75
    sides = np.vstack((curve + across * half[:, None], (curve - across * half[:, None])[::-1]))
    sky.drawPath(polygon(sides), brush)


def _brush(curve: Curve, light: float, glow: float, where: float, alpha: float) -> skia.Paint:
    """Dark at the root, a bright band at `where`, a weaker one where the curl turns, warm at the tip."""
    base, warm = _mix(_DARK, _MID, light), _mix(_MID, _WARM, light)
    peak, second = _mix(warm, _GLOW, glow), _mix(warm, _GLOW, 0.42 * glow)
    stops = [
        (0.0, base, alpha), (where - 0.12, warm, alpha), (where, peak, alpha), (where + 0.12, warm, alpha),
        (0.58, _mix(base, warm, 0.35), alpha), (0.76, second, alpha), (0.9, warm, alpha), (1.0, base, alpha),
    ]  # fmt: skip
    start, end = curve[0], curve[-1]
    return linear((float(start[0]), float(start[1])), (float(end[0]), float(end[1])), stops)


def _draw_lock(sky: skia.Canvas, lock: _Lock, dice: np.random.Generator) -> None:
    """Wide dark strands below, finer and lighter ones above; the side toward the lamp is lighter."""
    for layer, (count, width, alpha) in enumerate(((16, 9.0, 0.95), (34, 4.2, 0.7), (44, 1.7, 0.55))):
        for off in dice.uniform(-1, 1, count):
            curve = _strand(lock, float(off), dice)
            round_ = np.sqrt(max(0.0, 1 - float(off + 0.25) ** 2 * 0.62))
            light = float(
                np.clip((0.10 + 0.16 * layer + 0.62 * lock.lit * round_) + dice.normal(0, 0.09), 0, 1)
            )
            glow = float(
                np.clip(lock.lit * round_**2 * (0.30 + 0.22 * layer) + dice.normal(0, 0.06), 0, 0.95)
            )
            where = float(np.clip(0.28 + 0.02 * np.sin(lock.wave) + dice.normal(0, 0.018), 0.16, 0.42))
            _leaf(sky, curve, width * dice.uniform(0.7, 1.3), _brush(curve, light, glow, where, alpha))
            if layer == 2 and dice.uniform() < lock.edge:
                _leaf(sky, curve, 1.5, paint((255, 206, 150), 0.16 + 0.3 * lock.edge))


def _mass(canvas: Canvas, guides: list[Guide], lamp: tuple[float, float], rim: float, seed: int) -> None:
    """One side of the hair, the outer locks first; `lamp`: light on the inner and the outer ones."""
    sky = canvas.skia
    dice = np.random.default_rng(seed)
    ground = [_strand(_Lock(guides, middle, 0.0, seed, 0, 0), 0.0, dice) for middle in (0.05, 0.94)]
    sky.drawPath(
        polygon(np.vstack((ground[0][:-16], ground[1][:-16][::-1]))), paint(_mix(_DARK, _MID, 0.3), 1.0, 0.8)
    )
    middles = np.linspace(0.96, 0.055, 11)
    order = [*range(0, 11, 2), *range(1, 11, 2), 10]
    for index in order:
        middle = float(middles[index])
        lit = lamp[0] + (lamp[1] - lamp[0]) * middle
        volume = 0.55 + 0.45 * np.sin(np.pi * np.clip(0.15 + 0.7 * middle, 0, 1))
        tint = 0.82 + 0.18 * np.sin(index * 2.4 + seed)
        edge = rim * float(np.clip((middle - 0.72) / 0.28, 0, 1))
        wave = seed + 1.3 * middle + 0.5 * np.sin(index * 1.9)
        _draw_lock(sky, _Lock(guides, middle, 0.075, float(wave), float(lit * volume * tint), edge), dice)


def front() -> Sheet:
    """The hair that falls before the face."""
    canvas = Canvas()
    _mass(canvas, _RIGHT, (0.86, 0.46), 0.75, 5)
    _mass(canvas, _LEFT, (0.85, 0.92), 0.12, 2)
    part = smooth(_PART, 8)
    canvas.skia.drawPath(polygon(part, close=False), paint((36, 16, 13), 0.55, 1.6, 3.4))
    _leaf(canvas.skia, part, 2.0, paint((196, 138, 112), 0.60, 0.5))
    _loose(canvas)
    return canvas.sheet


def _loose(canvas: Canvas) -> None:
    """A few strands that do not lie with the others."""
    dice = np.random.default_rng(23)
    for guides, rim in ((_LEFT, 0.0), (_RIGHT, 1.0)):
        for _ in range(16):
            middle = float(dice.choice((0.02, 0.98, dice.uniform(0.1, 0.9))))
            curve = _strand(_Lock(guides, middle, 0.02, float(dice.uniform(0, 6)), 0, 0), 0.0, dice)
            curve += dice.normal(0, 1.6, 2)
            color = _mix(_WARM, _GLOW, 0.35 + 0.4 * rim * (middle > 0.9))
            _leaf(canvas.skia, curve, 1.1, paint(color, 0.5))
    for wisp in _WISPS:
        points = smooth(wisp, 12)
        _leaf(canvas.skia, points, 1.7, paint(_mix(_MID, _WARM, 0.7), 0.8))


def back() -> Sheet:
    """The hair behind the neck."""
    canvas = Canvas()
    outline = smooth(
        [(250, 58), (330, 62), (380, 120), (390, 220), (386, 310), (366, 384), (322, 416), (256, 404),
         (190, 416), (146, 384), (126, 310), (122, 220), (132, 120), (170, 62)],
        closed=True,
    )  # fmt: skip
    stops = [(0.0, (70, 36, 26), 1.0), (0.5, (46, 22, 18), 1.0), (1.0, (34, 16, 14), 1.0)]
    canvas.skia.drawPath(polygon(outline), linear((256, 60), (256, 410), stops, blur=1.0))
    dice = np.random.default_rng(11)
    for _ in range(150):
        x = dice.uniform(132, 380)
        bend = dice.normal(0, 4)
        points = smooth(
            [
                (256 + (x - 256) * 0.86, 250),
                (x + bend, 310),
                (256 + (x - 256) * 1.02 - bend, 360),
                (x, 408 + dice.normal(0, 5)),
            ]
        )
        stops = [(0.0, _DARK, 0.0), (0.4, (76, 38, 28), 0.5), (1.0, (98, 52, 36), 0.45)]
        _leaf(canvas.skia, points, float(dice.uniform(1.5, 4)), linear((0, 250), (0, 404), stops))
    return canvas.sheet


def shadow(hair: Sheet) -> Sheet:
    """What the hair throws onto the face and the shoulders: its own shape, moved away from the lamp."""
    alpha = hair[..., 3].astype(np.float32) / 255
    moved = np.roll(alpha, (5 * FINE, 4 * FINE), (0, 1))
    soft = 0.26 * soften(moved, 9.0) + 0.30 * soften(moved, 3.0)
    return opaque(np.broadcast_to(np.array((132, 50, 38), np.float32), (*alpha.shape, 3)), soft)
