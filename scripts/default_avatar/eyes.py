"""Eyes, lashes and brows, drawn anew for every frame: they look about and blink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import skia

from scripts.default_avatar.canvas import paint, polygon, radial, smooth
from scripts.default_avatar.skin import CENTER_X, EYE_X, EYE_Y

Curve = npt.NDArray[np.float64]
_LASH = (44, 24, 22)


@dataclass(frozen=True, slots=True)
class Look:
    """What the eyes do in a frame."""

    gaze_x: float = 0.0
    """pixels to the right"""
    gaze_y: float = 0.0
    blink: float = 0.0
    """0 open, 1 shut"""
    brow: float = 0.0
    """pixels that the brows are lifted"""


_UPPER = np.array([(-26.0, 5.0), (-18.5, -3.8), (-5.5, -11.4), (7.5, -12.0), (19.0, -6.2), (27.0, 0.4)])
_LOWER = np.array([(-26.0, 5.0), (-17.0, 7.9), (-3.5, 9.7), (9.0, 9.2), (19.0, 5.8), (27.0, 0.4)])
_SHUT = np.array([(-26.0, 5.0), (-17.5, 8.6), (-4.0, 11.2), (8.5, 10.8), (19.0, 7.0), (27.0, 1.6)])
"""the lids of the right eye from the nose outward, from the middle of the eye"""


def eyes(sky: skia.Canvas, look: Look) -> None:
    """Draw both eyes and brows onto a face that stands upright in the picture."""
    for side in (-1, 1):
        upper = smooth([(float(a), float(b)) for a, b in _UPPER + (_SHUT - _UPPER) * look.blink])
        lower = smooth([(float(a), float(b)) for a, b in _LOWER])
        upper[:, 1] += max(look.gaze_y, 0.0) * 0.5 * (1 - look.blink)
        place = np.array([CENTER_X + side * EYE_X, EYE_Y])
        upper, lower = upper * (side, 1) + place, lower * (side, 1) + place
        _lid(sky, upper, look, side)
        if look.blink < 0.97:
            _ball(sky, (upper, lower), look, side)
        _lower_lid(sky, lower, look, side)
        _upper_lashes(sky, upper, look, side)
        _brow(sky, look, side)


def _lid(sky: skia.Canvas, upper: Curve, look: Look, side: int) -> None:
    """The upper lid's crease, and the soft shade under the brow."""
    crease = upper[8:-2] * 1.0
    crease[:, 1] -= (5.6 - 2.2 * look.blink) + 1.2 * np.sin(np.linspace(0, np.pi, len(crease)))
    crease[:, 1] = crease[:, 1] * (1 - look.blink) + look.blink * (
        EYE_Y - 7 + 0.012 * (crease[:, 0] - crease[:, 0].mean()) ** 2
    )
    shade = np.vstack((crease, upper[8:-2][::-1]))
    sky.drawPath(polygon(shade), paint((186, 104, 84), 0.30, 2.2))
    sky.drawPath(polygon(crease, close=False), paint((150, 78, 62), 0.55 - 0.25 * look.blink, 0.5, 1.1))
    sky.drawPath(polygon(crease, close=False), paint((176, 98, 78), 0.25, 1.8, 3.2))


def _ball(sky: skia.Canvas, lids: tuple[Curve, Curve], look: Look, side: int) -> None:
    upper, lower = lids
    opening = polygon(np.vstack((upper, lower[::-1])))
    cx, cy = CENTER_X + side * EYE_X, EYE_Y
    sky.save()
    sky.clipPath(opening, True)
    white = [(0.0, (252, 249, 246), 1.0), (0.6, (240, 233, 230), 1.0), (1.0, (198, 178, 176), 1.0)]
    sky.drawPaint(radial((cx - 2, cy + 1), 27, white))
    inner = (cx - side * 26.0, cy + 5.0)
    sky.drawCircle(*inner, 6, radial(inner, 6, [(0.0, (226, 140, 128), 0.95), (1.0, (236, 190, 180), 0.0)]))
    _iris(sky, (cx + look.gaze_x - side * 0.6, cy + look.gaze_y - 0.9))
    sky.drawPath(polygon(upper, close=False), paint((62, 34, 36), 0.42, 2.6, 7.0))
    sky.drawPath(polygon(upper, close=False), paint((50, 24, 26), 0.35, 1.0, 3.2))
    sky.restore()


def _iris(sky: skia.Canvas, place: tuple[float, float]) -> None:
    cx, cy = place
    size = 13.4
    stops = [
        (0.0, (156, 112, 60), 1.0), (0.46, (142, 116, 66), 1.0), (0.66, (98, 112, 80), 1.0),
        (0.86, (58, 80, 70), 1.0), (1.0, (30, 42, 42), 1.0),
    ]  # fmt: skip
    sky.drawCircle(cx, cy, size + 0.5, paint((40, 44, 44), 0.55, 0.9))
    sky.drawCircle(cx, cy, size, radial((cx, cy), size, stops))
    rays = np.random.default_rng(7)
    for angle in np.arange(0, 2 * np.pi, 2 * np.pi / 72):
        start, end = 5.4 + rays.uniform(0, 2.0), 9.0 + rays.uniform(0, 3.2)
        a = angle + rays.uniform(-0.03, 0.03)
        color = (214, 190, 110) if rays.uniform() < 0.6 else (30, 50, 40)
        line = (cx + start * np.cos(a), cy + start * np.sin(a), cx + end * np.cos(a), cy + end * np.sin(a))
        sky.drawLine(*(float(v) for v in line), paint(color, 0.26, 0.2, 0.55))
    glow = [(0.0, (220, 214, 130), 0.55), (1.0, (190, 200, 120), 0.0)]
    sky.drawCircle(cx + 3.4, cy + 5.6, 7.5, radial((cx + 3.4, cy + 5.6), 7.5, glow))
    sky.drawCircle(cx, cy, 5.9, paint((10, 10, 12), 1.0, 0.5))
    sky.drawCircle(cx - 4.4, cy - 5.0, 3.5, paint((255, 255, 252), 0.97, 0.35))
    sky.drawCircle(cx + 4.8, cy + 5.6, 1.7, paint((255, 250, 236), 0.60, 0.5))


def _lowered(curve: Curve, down: float) -> Curve:
    lowered: Curve = curve + np.array([0.0, down])
    return lowered


def _lower_lid(sky: skia.Canvas, lower: Curve, look: Look, side: int) -> None:
    """The lid's wet edge, its shade, and few short lashes."""
    open_share = 1 - look.blink
    rim = _lowered(lower[6:-4], 0.5)
    sky.drawPath(polygon(rim, close=False), paint((255, 224, 208), 0.75 * open_share, 0.4, 1.3))
    sky.drawPath(polygon(_lowered(rim, 1.6), close=False), paint((172, 92, 80), 0.40 * open_share, 0.7, 1.1))
    bag = _lowered(lower[10:-10], 6.0)
    sky.drawPath(polygon(bag, close=False), paint((196, 112, 92), 0.22, 1.4, 2.0))
    sky.drawPath(
        polygon(_lowered(lower[-46:-1], 0.6), close=False), paint(_LASH, 0.35 * open_share, 0.5, 0.9)
    )
    for index in range(70, len(lower) - 6, 8):
        x, y = lower[index]
        lean = side * (index - 40) / 70
        path = skia.Path()
        path.moveTo(float(x), float(y) + 0.2)
        path.quadTo(float(x + lean * 1.5), float(y) + 1.8, float(x + lean * 2.8), float(y) + 3.0)
        sky.drawPath(path, paint(_LASH, 0.30 * open_share, 0.2, 0.5))


def _upper_lashes(sky: skia.Canvas, upper: Curve, look: Look, side: int) -> None:
    """The lash line, thick in the middle and drawn out at the end, with separate lashes."""
    share = np.linspace(0, 1, len(upper))
    thick = 0.5 + 2.5 * np.sin(np.pi * np.clip(share * 0.86 + 0.02, 0, 1)) ** 0.8
    wing = upper[-1] + (side * 4.6, -3.6 + 5.0 * look.blink)
    top = upper - np.column_stack((np.zeros(len(upper)), thick * 0.75))
    base = upper + np.column_stack((np.zeros(len(upper)), thick * 0.30))
    sky.drawPath(polygon(np.vstack((top, wing, base[::-1]))), paint(_LASH, 0.96, 0.28))
    for place in np.linspace(0.30, 0.985, 13):
        index = int(place * (len(upper) - 1))
        x, y = float(upper[index, 0]), float(upper[index, 1]) - 0.6
        lean = side * (place - 0.36) * 1.25
        length = (1.2 + 6.0 * place) * (1 - 0.25 * look.blink)
        turn = 1 - 1.75 * look.blink
        tip = (x + lean * length + side * 0.8, y - length * 0.86 * turn + 1.6 * abs(lean) * look.blink)
        middle = (x + lean * length * 0.28, y - length * 0.42 * turn)
        path = skia.Path()
        path.moveTo(x - 0.75, y)
        path.quadTo(*middle, *tip)
        path.quadTo(middle[0] + 0.5, middle[1] + 0.4, x + 0.75, y)
        path.close()
        sky.drawPath(path, paint(_LASH, 0.92, 0.12))


def _brow(sky: skia.Canvas, look: Look, side: int) -> None:
    """A soft ground and short hairs that follow the brow."""
    lift = -look.brow + 0.9 * look.blink
    spine = smooth([(-27, -27.0), (-14, -32.0), (4, -36.0), (18, -34.8), (33, -26.0)])
    share = np.linspace(0, 1, len(spine))
    half = 3.5 * np.clip(share / 0.12, 0.35, 1) ** 0.5 * np.clip((1 - share) / 0.75, 0.05, 1) ** 0.8
    place = np.array([CENTER_X + side * EYE_X, EYE_Y + lift])
    ground = np.vstack(
        (spine - np.column_stack((0 * share, half)), (spine + np.column_stack((0 * share, half)))[::-1])
    )
    sky.drawPath(polygon(ground * (side, 1) + place), paint((96, 56, 40), 0.72, 1.2))
    hairs = np.random.default_rng(3)
    for at in np.linspace(0.0, 0.97, 64):
        index = int(at * (len(spine) - 1))
        offset = hairs.uniform(-0.85, 0.75)
        x, y = spine[index] + (0, offset * half[index])
        along = spine[min(index + 6, len(spine) - 1)] - spine[max(index - 6, 0)]
        along /= np.linalg.norm(along)
        up = (1 - at) ** 1.5 * 0.9 * (1 if offset > -0.3 else 0.4) - 0.25 * at
        length = 5.0 + 2.0 * hairs.uniform()
        tip = np.array([x, y]) + length * (along - np.array([0, up]))
        start = np.array([x, y]) * (side, 1) + place
        end = tip * (side, 1) + place
        color = (70, 40, 28) if hairs.uniform() < 0.6 else (104, 62, 42)
        sky.drawLine(*(float(v) for v in (*start, *end)), paint(color, 0.46, 0.3, 0.95 * (1.1 - 0.5 * at)))
