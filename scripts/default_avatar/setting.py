"""What is around the face: the room, the clothes, the neck."""

from __future__ import annotations

import numpy as np
import skia

from scripts.default_avatar.canvas import (
    SIZE,
    Canvas,
    Float,
    Sheet,
    coverage,
    grid,
    linear,
    opaque,
    over,
    paint,
    polygon,
    radial,
    smooth,
    soften,
)
from scripts.default_avatar.skin import bump, lamp, lit_skin, mix, normals, rim

_ALL = (0, 0, SIZE, SIZE)
_LIGHTS = (
    (440, 92, 25, 0.40),
    (486, 176, 18, 0.42),
    (428, 212, 13, 0.26),
    (474, 262, 21, 0.22),
    (496, 60, 15, 0.34),
    (62, 92, 16, 0.16),
    (98, 150, 10, 0.12),
    (36, 172, 12, 0.14),
    (118, 60, 8, 0.10),
    (444, 318, 11, 0.14),
)
"""x, y, size and brightness of the lights in the room"""


def room() -> Sheet:
    """A quiet room at dusk, far out of focus."""
    canvas = Canvas()
    sky = canvas.skia
    wall = [(0.0, (150, 184, 184), 1.0), (0.45, (98, 140, 148), 1.0), (1.0, (44, 76, 92), 1.0)]
    sky.drawPaint(radial((140, 110), 500, wall))
    glow = [(0.0, (255, 214, 150), 0.80), (0.35, (246, 186, 124), 0.42), (1.0, (220, 150, 100), 0.0)]
    sky.drawPaint(radial((500, 150), 210, glow))
    sky.drawRect(skia.Rect.MakeLTRB(-60, -40, 34, 420), paint((40, 78, 82), 0.42, 22))
    for leaf in (
        ((-20, 470), (20, 330), (84, 250)),
        ((-10, 480), (60, 370), (104, 330)),
        ((-30, 440), (0, 300), (30, 210)),
    ):
        curve = smooth(leaf, 12)
        sky.drawPath(polygon(curve, close=False), paint((62, 118, 88), 0.55, 11, 34))
        sky.drawPath(polygon(curve, close=False), paint((120, 168, 116), 0.30, 9, 12))
    for x, y, size, alpha in _LIGHTS:
        sky.drawCircle(x, y, size, paint((255, 226, 176), alpha, 2.4))
        sky.drawCircle(x, y, size, paint((255, 240, 208), alpha * 0.55, 1.6, 1.8))
    floor = [(0.0, (30, 54, 64), 0.0), (1.0, (26, 46, 56), 0.60)]
    sky.drawRect(skia.Rect.MakeLTRB(0, 340, SIZE, SIZE + 20), linear((0, 340), (0, SIZE), floor))
    return canvas.sheet


_NECK = smooth(
    [(214, 300), (213, 346), (208, 376), (198, 392), (182, 402), (184, 440), (256, 466), (328, 440),
     (330, 402), (314, 392), (304, 376), (299, 346), (298, 300)],
    closed=True,
)  # fmt: skip


def neck() -> Sheet:
    """Neck and the start of the shoulders; without the shadow of the chin."""
    x, y = grid(_ALL)
    across = np.abs(x - 256)
    z = 52 * np.sqrt(
        np.clip(1 - (np.clip(across - np.clip(y - 384, 0, 60) * 1.6, 0, None) / 50) ** 2, 1e-3, 1)
    )
    tendon = np.exp(-(((across - 30 + (y - 330) * 0.22) / 5) ** 2))
    z += 0.8 * soften(tendon.astype(np.float32), 2.0) - 1.6 * bump(x, y, (256, 424), (12, 9))
    canvas = Canvas()
    canvas.skia.drawPath(polygon(_collar_edge(0.0), close=False), paint((0, 0, 0), 1.0, 2.5, 7.0))
    shade = 0.10 + 0.25 * bump(x, y, (256, 345), (70, 36)) + 0.22 * canvas.sheet[..., 3] / 255
    color = lit_skin(x, y, soften(z.astype(np.float32), 5.0), shade.astype(np.float32))
    return over(_necklace(), opaque(color, coverage(polygon(_NECK), _ALL)))


def _necklace() -> Sheet:
    """A thin chain with a small drop of gold."""
    canvas = Canvas()
    sky = canvas.skia
    chain = polygon(smooth([(203, 388), (220, 414), (256, 431), (292, 414), (309, 388)]), close=False)
    sky.drawPath(chain, paint((120, 60, 40), 0.35, 1.0, 1.6))
    sky.drawPath(chain, paint((206, 152, 84), 0.95, 0.0, 0.9))
    sky.drawCircle(256.6, 435.4, 3.4, paint((120, 60, 40), 0.35, 1.2))
    gold = [(0.0, (255, 240, 196), 1.0), (0.45, (228, 178, 98), 1.0), (1.0, (150, 96, 48), 1.0)]
    sky.drawCircle(256, 434, 3.0, radial((255, 432.8), 4.2, gold))
    return canvas.sheet


def chin_shadow() -> Sheet:
    """What the head throws onto the neck and the collar."""
    canvas = Canvas()
    shape = smooth(
        [(170, 300), (186, 344), (226, 380), (266, 392), (308, 376), (338, 340), (344, 300)], closed=True
    )
    canvas.skia.drawPath(polygon(shape), paint((92, 32, 28), 0.52, 8.0))
    return canvas.sheet


def _body() -> np.ndarray:
    """Shoulders and chest, open at the neckline."""
    left = smooth([(-14, 530), (0, 486), (40, 449), (104, 430), (156, 417), (182, 403)])
    neckline = _collar_edge(0.0)
    mirrored = left[::-1] * (-1, 1) + (512, 0)
    return np.vstack((left, neckline, mirrored))


def _collar_edge(out: float) -> np.ndarray:
    """The neckline, `out` pixels away from the neck, from left to right."""
    return smooth(
        [(182 - out, 400 + 0.3 * out), (204 - 0.8 * out, 430 + 0.6 * out), (256, 448 + out),
         (308 + 0.8 * out, 430 + 0.6 * out), (330 + out, 400 + 0.3 * out)]
    )  # fmt: skip


def clothes() -> Sheet:
    """A knitted jumper with a soft neckline."""
    x, y = grid(_ALL)
    mask = coverage(polygon(_body()), _ALL)
    across = np.sqrt((x - 256) ** 2 + 900)
    z = 30 * soften(mask, 9) + 26 * soften(mask, 30) + 13 * bump(across, y, (86, 496), (62, 52))
    arm = across - 150 - (512 - y) * 0.10
    z -= 6.0 * np.exp(-((arm / 13) ** 2)) * np.clip((y - 440) / 72, 0, 1)
    pull = np.sin((across + 0.8 * (y - 440)) / 11) * np.exp(
        -(((across - 96) / 50) ** 2 + ((y - 452) / 26) ** 2)
    )
    z += 0.8 * pull
    neckline = coverage(polygon(_collar()), _ALL)
    ribs = np.sin(np.arctan2(y - 350, x - 256) * 100)
    z += 5.0 * soften(neckline, 2.2) + 0.20 * ribs * soften(neckline, 0.6)
    normal = normals(soften(z.astype(np.float32), 0.6))
    light = lamp(normal)
    tones = ((0, (70, 26, 34)), (0.45, (158, 66, 62)), (0.75, (208, 102, 86)), (1.0, (240, 150, 126)))
    color: Float = np.stack(
        [np.interp(light, [t for t, _ in tones], [c[band] for _, c in tones]) for band in range(3)], axis=-1
    ).astype(np.float32)
    color = mix(color, (60, 20, 30), 0.45 * np.clip((y - 440) / 130, 0, 1) ** 1.5)
    color = mix(color, (255, 196, 146), 0.8 * rim(normal))
    whole = np.maximum(mask, neckline)
    return opaque(color, whole)


def _collar() -> np.ndarray:
    return np.vstack((_collar_edge(-1.0), _collar_edge(12.0)[::-1]))
