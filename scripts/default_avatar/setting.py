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
    paint,
    polygon,
    radial,
    smooth,
    soften,
)
from scripts.default_avatar.skin import bump, lit_skin, mix, lamp, normals

_ALL = (0, 0, SIZE, SIZE)


def room() -> Sheet:
    """A quiet room at dusk, far out of focus."""
    canvas = Canvas()
    sky = canvas.skia
    wall = [(0.0, (142, 178, 182), 1.0), (0.5, (96, 138, 148), 1.0), (1.0, (52, 86, 100), 1.0)]
    sky.drawPaint(radial((150, 120), 480, wall))
    sky.drawRect(skia.Rect.MakeLTRB(392, -20, 540, 330), paint((238, 200, 150), 0.42, 26))
    sky.drawRect(skia.Rect.MakeLTRB(-30, 60, 58, 420), paint((44, 84, 84), 0.45, 24))
    sky.drawOval(skia.Rect.MakeLTRB(-40, 250, 100, 470), paint((50, 96, 78), 0.55, 22))
    sky.drawOval(skia.Rect.MakeLTRB(20, 180, 90, 300), paint((92, 140, 100), 0.35, 16))
    for x, y, size, alpha in ((438, 96, 24, 0.34), (480, 170, 17, 0.30), (420, 214, 13, 0.22), (470, 264, 21, 0.20),
                              (64, 88, 17, 0.16), (100, 148, 11, 0.12), (38, 168, 13, 0.14)):  # fmt: skip
        sky.drawCircle(x, y, size, paint((255, 226, 178), alpha, 2.2))
        sky.drawCircle(x, y, size, paint((255, 238, 204), alpha * 0.6, 1.4, 1.6))
    sky.drawRect(skia.Rect.MakeLTRB(0, 380, SIZE, SIZE + 20), linear((0, 370), (0, SIZE), [(0.0, (30, 54, 64), 0.0), (1.0, (26, 46, 56), 0.55)]))
    return canvas.sheet


_NECK = smooth(
    [(214, 300), (213, 350), (209, 384), (196, 404), (150, 420), (160, 470), (256, 500), (352, 470), (362, 420),
     (316, 404), (303, 384), (299, 350), (298, 300)],
    closed=True,
)  # fmt: skip


def neck() -> Sheet:
    """Neck and the start of the shoulders; without the shadow of the chin."""
    x, y = grid(_ALL)
    across = np.abs(x - 256)
    z = 52 * np.sqrt(np.clip(1 - (np.clip(across - np.clip(y - 384, 0, 60) * 1.6, 0, None) / 50) ** 2, 1e-3, 1))
    tendon = np.exp(-(((across - 30 + (y - 330) * 0.22) / 5) ** 2))
    z += 2.2 * tendon - 2.4 * bump(x, y, (256, 424), (9, 9))
    collar = np.exp(-(((y - 428 - across * -0.10) / 5.0) ** 2)) * (across > 8)
    z += 2.4 * soften(collar.astype(np.float32), 1.5)
    shade = 0.10 + 0.25 * bump(x, y, (256, 345), (70, 36))
    color = lit_skin(x, y, soften(z.astype(np.float32), 1.5), shade.astype(np.float32))
    return opaque(color, coverage(polygon(_NECK), _ALL))


def chin_shadow() -> Sheet:
    """What the head throws onto the neck and the collar."""
    canvas = Canvas()
    shape = smooth([(170, 300), (186, 344), (226, 380), (266, 392), (308, 376), (338, 340), (344, 300)], closed=True)
    canvas.skia.drawPath(polygon(shape), paint((96, 32, 34), 0.50, 8.0))
    return canvas.sheet


_BODY = smooth(
    [(-14, 530), (4, 476), (54, 440), (126, 420), (178, 405), (198, 398), (256, 452), (314, 398), (334, 405), (386, 420),
     (458, 440), (508, 476), (526, 530)],
    closed=False,
)  # fmt: skip


def clothes() -> Sheet:
    """A knitted jumper with a soft neckline."""
    x, y = grid(_ALL)
    mask = coverage(polygon(_BODY), _ALL)
    z = 34 * soften(mask, 14) + 20 * bump(np.abs(x - 256), y, (150, 500), (90, 70))
    folds = np.sin((x - 256) / 19 + (y - 440) / 30) * np.exp(-(((np.abs(x - 256) - 120) / 60) ** 2))
    z += 1.4 * folds
    neckline = coverage(polygon(_collar()), _ALL)
    ribs = np.sin(np.arctan2(y - 330, x - 256) * 120)
    z += 4.0 * soften(neckline, 2.5) + 0.22 * ribs * neckline
    light = lamp(normals(soften(z.astype(np.float32), 0.6)))
    tones = (((0, (70, 26, 34)), (0.45, (158, 66, 62)), (0.75, (208, 102, 86)), (1.0, (240, 150, 126))))
    color: Float = np.stack(
        [np.interp(light, [t for t, _ in tones], [c[band] for _, c in tones]) for band in range(3)], axis=-1
    ).astype(np.float32)
    color = mix(color, (60, 20, 30), 0.45 * np.clip((y - 440) / 130, 0, 1) ** 1.5)
    whole = np.maximum(mask, neckline)
    return opaque(color, whole)


def _collar() -> np.ndarray:
    upper = smooth([(186, 398), (204, 424), (256, 446), (308, 424), (326, 398)])
    lower = smooth([(176, 406), (198, 436), (256, 460), (314, 436), (336, 406)])
    return np.vstack((upper, lower[::-1]))
