"""The 68 points that MuseTalk measures a face by, out of the 468 of the mesh.

The 68 are iBUG 300-W's (C. Sagonas et al., 2013): 17 along the jaw from the ear seen on the left to the
other, then brows, nose, eyes, lips. Which of the mesh's points lie there is common knowledge, by MediaPipe's
picture of its canonical face; where two are named, the point lies in their middle.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array

_JAW = (
    127,
    234,
    93,
    (132, 58),
    (58, 172),
    136,
    150,
    176,
    152,
    400,
    379,
    365,
    (288, 397),
    (361, 288),
    323,
    454,
    356,
)
_BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
_NOSE = (168, (6, 197), (195, 5), 4, 98, 97, 2, 326, 327)
"""down the bridge as evenly as in 300-W's mean face; MuseTalk's box hangs on the third"""
_EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
_OUTER_LIPS = (61, 39, 37, 0, 267, 269, 291, 321, 314, 17, 84, 91)
_INNER_LIPS = (78, 82, 13, 312, 308, 317, 14, 87)
PAIRS: npt.NDArray[np.int64] = np.array(
    [
        point if isinstance(point, tuple) else (point, point)
        for point in (*_JAW, *_BROWS, *_NOSE, *_EYES, *_OUTER_LIPS, *_INNER_LIPS)
    ]
)
"""(68, 2), of the mesh"""
MIRRORED = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *(27, 28, 29, 30, 35, 34, 33, 32, 31),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
    *(64, 63, 62, 61, 60, 67, 66, 65),
)
"""which of the 68 each is in a mirror"""


def landmarks(mesh: Float32Array) -> Float32Array:
    """(..., 468, 3) to (..., 68, 2), pixels."""
    points: Float32Array = mesh[..., PAIRS, :2].mean(axis=-2, dtype=np.float32)
    return points


__all__ = ["MIRRORED", "PAIRS", "landmarks"]
