"""The baked mouths: which forms there are, and each one's picture and opacity."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from scripts.default_avatar.canvas import FINE, Float, Plane, Sheet, shrink, soften
from scripts.default_avatar.lips import lips_of
from scripts.default_avatar.mouth import Box
from scripts.default_avatar.scene import Scene

PATCH: Box = (168, 280, 344, 392)
"""what a mouth may change of the canonical picture"""

_OPEN = [round((step / 23) ** 1.2, 4) for step in range(24)]
_SPREAD = (0.0, -1.0, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1.0)
_COARSE = (0.0, -1.0, -0.5, 0.5, 1.0)
_THIRDS = (0.33, 0.67, 1.0)


def forms() -> Float:
    """(mouths, 6): open, spread, press, tuck, tongue, teeth; the first is rest."""
    none = (0.0,)
    opened = (0.0, 0.05, 0.1, 0.15, 0.2, 0.26, 0.33, 0.41, 0.5, 0.6, 0.7)
    grids = (
        (_OPEN, _SPREAD, none, none, none, none),
        (opened[:7], _COARSE, _THIRDS, none, none, none),
        (opened[:8], _COARSE, none, _THIRDS, none, none),
        (opened, _COARSE, none, none, _THIRDS, none),
        (opened[:9], _COARSE, none, none, none, _THIRDS),
    )
    return np.array([form for axes in grids for form in product(*axes)], np.float32)


def mouths(scene: Scene) -> Iterator[tuple[npt.NDArray[np.uint8], Plane]]:
    """RGB (rows, columns, 3) and opacity (rows, columns) of each form, in order."""
    rest: Sheet | None = None
    for form in forms():
        sheet, skin = scene.mouth(PATCH, lips_of(form))
        rest = sheet if rest is None else rest
        yield shrink(sheet[..., :3]), _opacity(sheet, rest, skin)


def _opacity(sheet: Sheet, rest: Sheet, skin: Plane) -> Plane:
    """1 where a mouth differs from rest, falling off softly around it, 0 at the border and off the face.

    What is behind the face moves otherwise than the face, so a mouth must not bring it along.
    """
    apart = cv2.absdiff(sheet[..., :3], rest[..., :3]).max(axis=-1).astype(np.float32)
    spread = cv2.dilate(soften(apart, 0.5), np.ones((4 * FINE + 1, 4 * FINE + 1), np.uint8))
    share = np.clip((soften(spread.astype(np.float32), 1.6) - 0.8) / 5.0, 0, 1)
    rows, columns = share.shape
    y, x = np.mgrid[:rows, :columns]
    inward = np.minimum(np.minimum(x, columns - 1 - x), np.minimum(y, rows - 1 - y)) / FINE
    window = np.clip((inward - 1.0) / 6.0, 0, 1)
    return shrink((share * window * skin).astype(np.uint8))
