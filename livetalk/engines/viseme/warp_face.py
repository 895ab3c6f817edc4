"""A face's measures in its own frame: u runs along the mouth to the right, v down the face, in pixels.

The origin lies between the corners of the mouth. A head that is tilted has an upright frame all the
same; one that is turned has a left and a right half of different widths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from livetalk.engines.viseme import warp_points as points

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
"""inside the warp painter no precision is promised, but for what OpenCV asks for"""

CONTOUR_POINTS = 33
"""of each lip's inner contour, evenly along u"""

_LIP_MARGIN = 0.02
"""at most, by which a lip's edge is taken to lie inside the lip, in face lengths"""
_SHUT_SIDES = np.clip((np.abs(np.linspace(-1, 1, CONTOUR_POINTS)) - 0.35) / 0.4, 0, 1)
"""(33,), how surely lips touch there that are not parted: a mesh leaves a gap between any lips"""
_BLUR_PX = 1.8
"""by which colours of any picture run over an edge, halved as they are in I420"""


@dataclass(frozen=True, slots=True)
class Face:
    """What the warp needs to know of one frame; arrays are in the face's frame unless said otherwise."""

    origin: Floats
    """(2,), x and y in the picture"""
    turn: Floats
    """(2, 2), rows are the picture's directions of u and v"""
    down: Floats
    """(2,), the unit vector from nose to chin: where the jaw goes"""
    length: float
    """from nose to chin, pixels; what vertical movements are measured in"""
    half_width: float
    """of the mouth, along u, from corner to corner"""
    upper: Floats
    """(33, 2), the inner edge of the upper lip, from left to right"""
    lower: Floats
    """(33, 2), of the lower lip; the same u"""
    margin: Floats
    """(33,), by which `lower` lies in the lip instead of on its edge"""
    lips: tuple[float, float]
    """heights of the upper and the lower lip in the middle"""
    jaw: Floats
    """(17, 2), the lower edge of the face, u rising"""
    nose: float
    """v of the nose's base, negative"""
    chin: float
    """v of the chin"""
    bared: bool
    """whether the body mostly shows an inner mouth of its own, which is then kept"""

    @property
    def gap(self) -> float:
        """How far the lips stand apart at rest, at the widest place, pixels."""
        return float((self.lower[:, 1] - self.upper[:, 1]).max())

    @property
    def parted(self) -> float:
        """Whether the picture shows an inner mouth of its own: 0, lips shut, to 1, teeth bared."""
        return _parted(self.gap, self.length)

    def across(self, u: Floats) -> Floats:
        """Where u lies along the mouth: -1 and 1 in the inner corners, 0 in the middle."""
        left, middle, right = self.upper[[0, CONTOUR_POINTS // 2, -1], 0]
        offset = u - middle
        share: Floats = np.where(offset < 0, offset / (middle - left), offset / (right - middle))
        return share

    def to_picture(self, place: Floats) -> Floats:
        """(..., 2) of the face's frame to x, y of the picture."""
        picture: Floats = place @ self.turn + self.origin
        return picture

    def to_face(self, place: Floats) -> Floats:
        """(..., 2), x and y of the picture, to the face's frame."""
        face: Floats = (place - self.origin) @ self.turn.T
        return face


def measure(landmarks: Floats, bared: bool = False) -> Face:
    """Measure one frame's landmarks (60, 2), which `read_landmarks` has checked."""
    left, right = (points.of(landmarks, point) for point in (points.OUTER_UPPER[0], points.OUTER_UPPER[-1]))
    width = float(np.hypot(*(right - left)))
    along = (right - left) / width
    turn = np.array([along, (-along[1], along[0])], np.float32)
    origin = (left + right) / 2

    def local(indices: int | tuple[int, ...]) -> Floats:
        place: Floats = (points.of(landmarks, indices) - origin) @ turn.T
        return place

    nose, chin, jaw = local(points.NOSE_BASE), local(points.CHIN), local(points.JAW_LINE)
    length = float(np.hypot(*(chin - nose)))
    upper, lower, margin = _contours(local(points.INNER_UPPER), local(points.INNER_LOWER), length)
    outer = local(points.OUTER_UPPER)[5, 1], local(points.OUTER_LOWER)[5, 1]
    jaw = np.column_stack((np.maximum.accumulate(jaw[:, 0]), jaw[:, 1]))
    return Face(
        origin=origin,
        turn=turn,
        down=(chin - nose) / np.float32(length),
        length=length,
        half_width=width / 2,
        upper=upper,
        lower=lower,
        margin=margin,
        lips=_heights(outer, (upper, lower), length),
        jaw=jaw,
        nose=float(nose[1]),
        chin=float(chin[1]),
        bared=bared,
    )


def _parted(gap: float, length: float) -> float:
    return float(np.clip((gap / length - 0.085) / 0.05, 0, 1))


def _heights(outer: tuple[float, float], inner: tuple[Floats, Floats], length: float) -> tuple[float, float]:
    """Of the upper and the lower lip in the middle, at least what any lip has."""
    upper, lower = (float(edge[CONTOUR_POINTS // 2, 1]) for edge in inner)
    return max(upper - float(outer[0]), 0.04 * length), max(float(outer[1]) - lower, 0.06 * length)


def mostly_bared(landmarks: Sequence[Floats]) -> bool:
    """Whether some frames' landmarks are mostly of a mouth that shows its inside.

    That is one for a whole clip: if it changed where footage speaks, its teeth would be seen beside painted
    ones.
    """
    return float(np.median([measure(frame).parted for frame in landmarks])) > 0.5


def _contours(upper: Floats, lower: Floats, length: float) -> tuple[Floats, Floats, Floats]:
    """The inner contours, (11, 2) each, as smooth curves over the same u; and the lower one's margin."""
    middle = (upper[5, 0] + lower[5, 0]) / 2
    half = CONTOUR_POINTS // 2
    u = np.concatenate(
        (
            np.linspace(upper[0, 0], middle, half, endpoint=False),
            np.linspace(middle, upper[-1, 0], half + 1),
        )
    )
    curves = []
    for contour in (upper, lower):
        v = np.interp(u, np.maximum.accumulate(contour[:, 0]), contour[:, 1])
        for _ in range(3):
            v[1:-1] = (v[:-2] + 2 * v[1:-1] + v[2:]) / 4
        curves.append(v)
    above = np.minimum(curves[0], curves[1])
    below = np.maximum(curves[0], curves[1])
    pinch = (0.5 - 0.5 * _parted(float((below - above).max()), length)) * _SHUT_SIDES * (below - above)
    above, below = above + pinch, below - pinch
    # lips that stand open: well into the lip, or a fringe of teeth would move with it
    margin = np.minimum(0.35 * (below - above), max(_LIP_MARGIN * length, _BLUR_PX))
    above, below = above - 0.6 * margin, below + margin
    upper, lower = (np.column_stack((u, v)).astype(np.float32) for v in (above, below))
    return upper, lower, margin.astype(np.float32)


__all__ = ["CONTOUR_POINTS", "Face", "Floats", "measure", "mostly_bared"]
