"""A drawn face laid into an I420 picture: what can be prepared of it, once for each picture of the body."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.lay import lay
from livetalk.engines.musetalk.boxes import FACE_PX, Box
from livetalk.types import Float32Array, Picture, frozen, planes

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Face:
    """What the networks drew for one picture."""

    picture: Picture
    """(384, 256), I420"""
    share: float = 1.0
    """how much of it is laid over the body: 0 leaves the body as it is"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face goes in one picture of the body."""

    box: Box
    """of the whole face, may leave the picture"""
    inner: Box
    """what is redrawn of the picture: even edges"""
    luma: Grey
    """(inner's height, width): how much of the face is seen"""
    chroma: Grey
    """half as large"""
    to_face: Float32Array
    """(2, 3): from the redrawn chroma to the face's"""


def prepare(box: Box, mask: Grey, around: Box, size: tuple[int, int]) -> Place:
    """Cut a mask down to what it changes of a picture of `size` (width, height), both even.

    Args:
        mask: of the crop box `around`, (height, width).
    """
    inner = _seen(box, mask, around).clipped(*size)
    inner = Box(inner.left // 2 * 2, inner.top // 2 * 2, -(-inner.right // 2) * 2, -(-inner.bottom // 2) * 2)
    if inner.width <= 0 or inner.height <= 0:
        return place(box, Box(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
    luma = np.zeros((inner.height, inner.width), np.uint8)
    common = box.common(around).common(inner)
    if common.width > 0 and common.height > 0:
        part, whole = common.moved(inner.left, inner.top), common.moved(around.left, around.top)
        luma[part.top : part.bottom, part.left : part.right] = mask[
            whole.top : whole.bottom, whole.left : whole.right
        ]
    return place(box, inner, luma)


def place(box: Box, inner: Box, luma: Grey) -> Place:
    """Where a face goes that is seen by weights `luma` in the box `inner`."""
    if not luma.size:
        chroma = luma
    else:
        size = (inner.width // 2, inner.height // 2)
        chroma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Place(box, inner, frozen(luma), frozen(chroma), frozen(_to_face(box, inner)))


def paste(picture: Picture, face: Face, at: Place) -> None:
    """Lay a face into a picture, in at."""
    if not at.luma.size:
        return
    luma, chroma = planes(picture)
    face_luma, face_chroma = planes(face.picture)
    inner, box = at.inner, at.box
    whole = cv2.resize(face_luma, (box.width, box.height))
    drawn = _fitted(np.asarray(whole, np.uint8), inner.moved(box.left, box.top))
    target = luma[inner.top : inner.bottom, inner.left : inner.right]
    lay(target, drawn, _weighed(at.luma, face.share))
    half = (slice(inner.top // 2, inner.bottom // 2), slice(inner.left // 2, inner.right // 2))
    size = (inner.width // 2, inner.height // 2)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for target, source in zip(chroma, face_chroma, strict=True):
        moved = cv2.warpAffine(source, at.to_face, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        lay(target[half], moved, _weighed(at.chroma, face.share))


def _weighed(opacity: Grey, share: float) -> cv2.typing.MatLike:
    return opacity if share >= 1 else cv2.convertScaleAbs(opacity, alpha=share)


def _seen(box: Box, mask: Grey, around: Box) -> Box:
    """The part of the face where the mask lets anything of it through."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Box(0, 0, 0, 0)
    through = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return box.common(through.moved(-around.left, -around.top))


def _fitted(face: Grey, part: Box) -> Grey:
    """A part of the face, its edge repeated where the part is larger."""
    height, width = face.shape
    inside = part.clipped(width, height)
    cut = face[inside.top : inside.bottom, inside.left : inside.right]
    more = (
        inside.top - part.top,
        part.bottom - inside.bottom,
        inside.left - part.left,
        part.right - inside.right,
    )
    if not any(more):
        return cut
    return np.asarray(cv2.copyMakeBorder(cut, *more, cv2.BORDER_REPLICATE), np.uint8)


def _to_face(box: Box, inner: Box) -> Float32Array:
    """A chroma sample lies in the middle of its four luma samples, in the picture as in the face."""
    rows = []
    for size, origin, first in ((box.width, box.left, inner.left), (box.height, box.top, inner.top)):
        scale = FACE_PX / size
        luma = (first + 1 - origin) * scale - 0.5  # of the first sample, in the face's luma
        rows.append((scale, (luma - 0.5) / 2))
    (x, x0), (y, y0) = rows
    return np.array([(x, 0, x0), (0, y, y0)], np.float32)


__all__ = ["Face", "Place", "paste", "place", "prepare"]
