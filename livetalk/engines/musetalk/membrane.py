"""Poisson blending, cheap enough for every picture: a drawn face takes on the body's brightness and colour.

What is laid in keeps its gradients, and what it is off by at its edge is spread over it by Laplace's
equation (P. Perez, M. Gangnet and A. Blake, "Poisson image editing", 2003). Here that membrane is sought
among the harmonic polynomials of second degree, each of which solves the equation (E. Trefftz' method, 1926),
and fitted to a small picture of the edge, in two rounds. The fit heeds little what is far off: a jaw that has
moved is no shade, and would darken the lips.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array, Picture, frozen, planes

Levels = npt.NDArray[np.uint8]

SMALL_PX = 32
"""edge of the small pictures that are compared"""
FAR = (8.0, 4.0)
"""levels of 255 from the median, then from the first fit: from there on a difference counts by less than half
(Cauchy's weights)"""
_MIDDLE = 0.4
"""weight from which on a place is asked for the median"""
_NONE = 128
"""how no shade is kept in bytes"""
_RIDGE = 1e-3
"""so that an edge of nothing asks for nothing"""


def _harmonics() -> Float32Array:
    """(SMALL_PX ** 2, 5): 1, x, y, x^2 - y^2, xy at each place of a small picture."""
    rows, columns = np.mgrid[:SMALL_PX, :SMALL_PX] / (SMALL_PX - 1) * 2 - 1
    place = (columns + 1j * rows).ravel()
    parts = (np.ones(len(place)), place.real, place.imag, (place**2).real, (place**2).imag)
    return np.column_stack(parts).astype(np.float32)


_HARMONICS = _harmonics()


@dataclass(frozen=True, slots=True)
class Edge:
    """What the body looks like where the mask of a face fades out."""

    body: Levels
    """(SMALL_PX, SMALL_PX, 3), of the whole face"""
    places: npt.NDArray[np.intp]
    """(k,), which of them belong to the edge"""
    levels: Float32Array
    """(3, k), the body there"""
    weights: Float32Array
    """(k,), 1 where half of the face is seen"""

    @property
    def nbytes(self) -> int:
        """Of memory."""
        return self.body.nbytes + self.places.nbytes + self.levels.nbytes + self.weights.nbytes


def small(face: Picture) -> Levels:
    """(SMALL_PX, SMALL_PX, 3) of an I420 face, YUV."""
    size = (SMALL_PX, SMALL_PX)
    return np.dstack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in _three(face)])


def edge_of(body: Levels, seen: Levels) -> Edge:
    """The edge of a face of which so much is `seen` (SMALL_PX, SMALL_PX), over such a small body."""
    share = seen.ravel().astype(np.float32) / 255
    weights = 4 * share * (1 - share)
    places = np.flatnonzero(weights > 0)
    levels = body.reshape(-1, 3)[places].T.astype(np.float32)
    return Edge(*(frozen(each) for each in (body, places, levels, weights[places])))


def matched(face: Picture, edge: Edge) -> Picture:
    """A copy of an I420 face that is off by nothing but detail at its edge."""
    off = edge.levels - small(face).reshape(-1, 3)[edge.places].T
    shade = _HARMONICS @ _fitted(_HARMONICS[edge.places], off, edge.weights).T
    spread = (np.rint(shade) + _NONE).clip(0, 255).astype(np.uint8).reshape(SMALL_PX, SMALL_PX, 3)
    result = np.empty_like(face)
    for shown, source, target in zip(cv2.split(spread), _three(face), _three(result), strict=True):
        whole = cv2.resize(shown, (source.shape[1], source.shape[0]))
        target[...] = cv2.addWeighted(source, 1, whole, 1, -_NONE)
    return result


def _three(picture: Picture) -> tuple[Levels, Levels, Levels]:
    luma, (blue, red) = planes(picture)
    return luma, blue, red


def _fitted(basis: Float32Array, off: Float32Array, weights: Float32Array) -> Float32Array:
    """(3, 5) of the three planes: what (3, k) differences are, for the most part, by a basis (k, 5)."""
    ridge = _RIDGE * np.eye(basis.shape[1], dtype=np.float32)
    middle = off[:, weights > _MIDDLE]
    left = off - np.median(middle, axis=1, keepdims=True) if middle.size else off
    factors = np.zeros((len(off), basis.shape[1]), np.float32)
    for far in FAR:
        weighed = basis.T * (weights / (1 + (left / far) ** 2))[:, None]
        factors = np.linalg.solve(weighed @ basis + ridge, weighed @ off[..., None])[..., 0]
        left = off - factors @ basis.T
    return np.asarray(factors, np.float32)


__all__ = ["SMALL_PX", "Edge", "edge_of", "matched", "small"]
