"""A drawn face laid into an I420 picture: what can be prepared of it, once for each picture of the body."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.lay import lay
from livetalk.engines.musetalk.boxes import FACE_PX, Box
from livetalk.engines.musetalk.membrane import SMALL_PX, Edge, edge_of, matched
from livetalk.engines.musetalk.turned import (
    Affine,
    TurnedBox,
    as_turned,
    inverse,
    of_samples,
    shifted,
)
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
    """of the whole face, or about it where it is turned; may leave the picture"""
    inner: Box
    """what is redrawn of the picture: even edges"""
    luma: Grey
    """(inner's height, width): how much of the face is seen"""
    chroma: Grey
    """half as large"""
    to_face: Float32Array
    """(2, 3): from the redrawn chroma to the face's"""
    turned: TurnedBox | None = None
    """the box, where it is turned with the head"""
    luma_to_face: Float32Array | None = None
    """(2, 3): from the redrawn luma to the face's, where it is turned"""
    edge: Edge | None = None
    """what the face is matched with; None: it is laid as it was drawn"""

    @property
    def nbytes(self) -> int:
        """Of memory."""
        return self.luma.nbytes + self.chroma.nbytes + (self.edge.nbytes if self.edge else 0)


def prepare(box: Box, mask: Grey, around: Box, size: tuple[int, int]) -> Place:
    """Cut a mask down to what it changes of a picture of `size` (width, height), both even.

    Args:
        mask: of the crop box `around`, (height, width).
    """
    inner = _even(_seen(box, mask, around).clipped(*size))
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
    return Place(box, inner, frozen(luma), frozen(_halved(luma)), frozen(_to_face(box, inner)))


def prepare_turned(box: TurnedBox, mask: Grey, around: Box, size: tuple[int, int]) -> Place:
    """The same of a turned box, whose mask belongs to the crop box `around` of its upright picture."""
    inside = box.upright.moved(around.left, around.top).clipped(around.width, around.height)
    kept = np.zeros_like(mask)
    rows, columns = slice(inside.top, inside.bottom), slice(inside.left, inside.right)
    kept[rows, columns] = mask[rows, columns]
    whole = _even(box.about.clipped(*size))
    if whole.width <= 0 or whole.height <= 0:
        return place_turned(box, Box(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
    to_mask = inverse(shifted(box.from_upright(), around.left, around.top))
    by = of_samples(shifted(to_mask, whole.left, whole.top))
    luma = _warped(kept, by, whole, cv2.BORDER_CONSTANT)
    inner = _even(_seen(whole, luma, whole))
    part = inner.moved(whole.left, whole.top)
    return place_turned(box, inner, luma[part.top : part.bottom, part.left : part.right].copy())


def place_turned(box: TurnedBox, inner: Box, luma: Grey) -> Place:
    """Where a turned face goes that is seen by weights `luma` in the box `inner`."""
    to_face = shifted(inverse(box.from_face()), inner.left, inner.top)
    by_luma, by_chroma = (frozen(of_samples(to_face, size).astype(np.float32)) for size in (1, 2))
    return Place(box.about, inner, frozen(luma), frozen(_halved(luma)), by_chroma, box, by_luma)


def with_edge(at: Place, body: Grey) -> Place:
    """The same place, where faces are matched with a small picture of the body's (`membrane.small`)."""
    from_face = (at.turned or as_turned(at.box)).from_face()
    from_face[:, 2] -= (at.inner.left, at.inner.top)
    face = Box(0, 0, FACE_PX, FACE_PX)
    if at.luma.size:
        seen = _warped(at.luma, of_samples(from_face), face, cv2.BORDER_CONSTANT)
    else:
        seen = np.zeros((FACE_PX, FACE_PX), np.uint8)
    size = (SMALL_PX, SMALL_PX)
    seen = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.uint8)
    return replace(at, edge=edge_of(body, seen))


def paste(picture: Picture, face: Face, at: Place) -> None:
    """Lay a face into a picture, in at."""
    if not at.luma.size:
        return
    luma, chroma = planes(picture)
    face_luma, face_chroma = planes(matched(face.picture, at.edge) if at.edge else face.picture)
    inner = at.inner
    target = luma[inner.top : inner.bottom, inner.left : inner.right]
    lay(target, _sized(face_luma, at), _weighed(at.luma, face.share))
    half = Box(inner.left // 2, inner.top // 2, inner.right // 2, inner.bottom // 2)
    rows, columns = slice(half.top, half.bottom), slice(half.left, half.right)
    for target, source in zip(chroma, face_chroma, strict=True):
        drawn = _warped(source, at.to_face, half, cv2.BORDER_REPLICATE)
        lay(target[rows, columns], drawn, _weighed(at.chroma, face.share))


def _sized(face: Grey, at: Place) -> Grey:
    """The face's luma as it is to be laid."""
    if at.luma_to_face is not None:
        return _warped(face, at.luma_to_face, at.inner, cv2.BORDER_REPLICATE)
    whole = cv2.resize(face, (at.box.width, at.box.height))
    return _fitted(np.asarray(whole, np.uint8), at.inner.moved(at.box.left, at.box.top))


def _warped(source: Grey, by: Affine | Float32Array, onto: Box, border: int) -> Grey:
    """As large as `onto`; `by` leads from its samples to those of the source."""
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (onto.width, onto.height)
    return np.asarray(cv2.warpAffine(source, by, size, flags=how, borderMode=border), np.uint8)


def _halved(luma: Grey) -> Grey:
    if not luma.size:
        return luma
    size = (luma.shape[1] // 2, luma.shape[0] // 2)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _even(box: Box) -> Box:
    """With what of the neighbours shares its chroma."""
    return Box(box.left // 2 * 2, box.top // 2 * 2, -(-box.right // 2) * 2, -(-box.bottom // 2) * 2)


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


__all__ = [
    "Face",
    "Grey",
    "Place",
    "paste",
    "place",
    "place_turned",
    "prepare",
    "prepare_turned",
    "with_edge",
]
