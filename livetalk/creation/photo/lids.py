"""Upper lids that close over an eye: skin slides down out of the fold, the lashes go with its edge.

The closed lid is painted in the eye's patch and only what it changes is added to the photo, so that a
pixel which it does not touch stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.creation.photo.edges import Edges, edges_of, smoothed
from livetalk.creation.photo.eye import LEFT, RIGHT, Eye, eyes_of
from livetalk.types import Float32Array, Picture, planes

Floats = npt.NDArray[np.floating]

TAPER = (0.1, 0.06)
"""how far beyond the eye's corners, and within them, the lid's movement dies down, in eye widths"""
HAIR = 0.07
"""by which single lashes stand out above the dark line, in eye widths"""
LINE, LOW = 0.75, 0.035
"""how dark the edge of a lid is at least, and how far above its end that is, in eye widths"""
FAINT = 15
"""by how much brighter lashes are that tell little of their colour"""
STEEPEST = 1.9
"""how fast skin may come out of the fold's edge"""


def smoothstep(share: Float32Array) -> Float32Array:
    """From 0 to 1 as `share` goes from 0 to 1, and flat at both ends."""
    smooth: Float32Array = share * share * (3 - 2 * share)
    return smooth


@dataclass(frozen=True, slots=True)
class Lid:
    """The upper lid of an open eye."""

    eye: Eye
    edges: Edges
    drop: Float32Array
    """how far the lid's edge goes until it is shut, rows of the patch, one for each column"""
    skin: Float32Array
    """the patch without eye and lashes: skin only, carried on downwards"""
    lash: Float32Array
    """(rows, columns): how much of the patch is lash"""
    dark: Float32Array
    """(columns, 3): the lashes' colour"""
    points: tuple[int, ...]
    """mesh points on the lid's edge"""

    def close(self, photo: Picture, closed: float) -> None:
        """Close the lid over the eye of an I420 photo, in place, by a share of the way."""
        painted, mask = self._painted(np.float32(closed))
        luma, chroma = planes(photo)
        matrix = self.eye.matrix
        halved = (np.column_stack((matrix[:, :2], matrix[:, 2] - 0.5)) / 2).astype(np.float32)
        for plane, channel, each in zip((luma, *chroma), range(3), (matrix, halved, halved), strict=True):
            _lay(plane, painted[..., channel], mask, each)

    def moved(self, points: Float32Array, closed: float) -> Float32Array:
        """Where the mesh's points (468, 2) are on the photo with the lid closed by a share of the way."""
        column, row = self.eye.into(points).T
        columns = np.arange(len(self.drop))
        fold, top, drop = (
            np.interp(column, columns, each) for each in (self.edges.fold, self.edges.top, closed * self.drop)
        )
        beside = (column >= 0) & (column < len(columns)) & (row > fold) & (row < top)
        down = np.where(beside, fold + _slid(row - fold, top - fold, drop) - row, 0)
        down[list(self.points)] = drop[list(self.points)]
        moved: Float32Array = points + (down[:, None] * self.eye.matrix[:, 1]).astype(np.float32)
        return moved

    def _painted(self, closed: np.float32) -> tuple[Float32Array, Float32Array]:
        """(rows, columns, 3) with the lid closed so far, and where (rows, columns) it is painted, 0 to 1."""
        eye, edges = self.eye, self.edges
        rows, columns = eye.patch.shape[:2]
        row = np.arange(rows, dtype=np.float32)[:, None]
        column = np.broadcast_to(np.arange(columns, dtype=np.float32), (rows, columns))
        drop = closed * self.drop
        source, way = self._source(row, drop)
        lid = cv2.remap(self.skin, column, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lid += closed * smoothstep(way)[..., None] * (edges.shut - lid)
        lash = cv2.remap(self.lash, column, row - drop, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        soft = 0.5 / eye.scale
        over = np.clip((edges.bottom + drop - row) / (2 * soft) + 0.5, 0, 1)
        under = eye.patch + over[..., None] * (lid - eye.patch)
        painted = under + lash[..., None] * (self.dark - under)
        here = smoothed((self.drop > 0.02 * eye.width).astype(np.float32), 0.03 * eye.width)
        below = np.clip((edges.bottom + drop - row) / soft + 3, 0, 1)
        above = np.clip((row - edges.fold) / (0.05 * eye.width) + 1, 0, 1)
        mask: Float32Array = above * below * here * min(closed * 8, 1)
        return np.asarray(painted, np.float32), mask

    def _source(self, row: Float32Array, drop: Float32Array) -> tuple[Float32Array, Float32Array]:
        """The rows of the skin that the closing lid shows, and their share of the way from fold to lashes."""
        fold, high = self.edges.fold, self.edges.top - self.edges.fold
        way = (row - fold) / (high + drop)
        first = _first(high, drop)
        inside = fold + high * (first * way + (1 - first) * way * way)
        source = np.where(row < fold, row, np.where(way < 1, inside, row - drop))
        return np.asarray(source, np.float32), np.clip(way, 0, 1)


def _first(high: Floats, drop: Floats) -> Floats:
    """Steepness at the fold of a lid's skin, `high` rows when open, that has come down by `drop`."""
    return np.minimum((high + drop) / high, STEEPEST)


def _slid(row: Floats, high: Floats, drop: Floats) -> Floats:
    """Where skin goes, in rows below the fold, as `Lid._source` says where it comes from."""
    first, share = _first(high, drop), np.clip(row / high, 0, 1)
    bend = np.maximum(first - 1, 1e-6)
    way = (first - np.sqrt(np.maximum(first * first - 4 * bend * share, 0))) / (2 * bend)
    return np.asarray((high + drop) * way)


def lids_of(picture: Picture, mesh: Float32Array) -> tuple[Lid, ...]:
    """The lids of both eyes where both can blink, else none."""
    eyes = eyes_of(picture, mesh)
    found = [(eye, edges_of(eye)) for eye in eyes]
    lids = [
        _lid(eye, edges, points[0])
        for (eye, edges), points in zip(found, (LEFT, RIGHT), strict=False)
        if edges is not None
    ]
    return tuple(lids) if len(lids) == 2 else ()


def _lid(eye: Eye, edges: Edges, points: tuple[int, ...]) -> Lid:
    share, width = eye.share, eye.width
    outer, inner = TAPER
    inside = np.minimum(share - edges.ends[0], edges.ends[1] - share)
    way = np.clip((inside + outer) / (outer + inner), 0, 1)
    drop = (edges.lower - edges.bottom) * smoothstep(way)
    wide = cv2.dilate(drop[None].astype(np.float32), np.ones((1, round(0.08 * width)), np.uint8))[0]
    drop = smoothed(wide, 0.05 * width)
    row = np.arange(eye.patch.shape[0], dtype=np.float32)[:, None]
    hair = np.minimum(HAIR * width, 0.5 * (edges.top - edges.fold))
    beside = np.clip((row - (edges.top - hair)) / (0.03 * width) + 1, 0, 1)[..., None]
    skin = eye.patch + beside * (edges.lid - eye.patch)
    dark = _lash_colour(eye, edges)
    contrast = np.maximum(skin[..., 0] - dark[:, 0], 8)
    lash = np.clip((skin[..., 0] - eye.patch[..., 0]) / contrast, 0, 1)
    line = np.clip(1 - np.abs(row - edges.bottom + LOW * width) / (LOW * width), 0, 1)
    lash = np.maximum(lash, LINE * line * np.clip(inside / outer, 0, 1))
    soft = 0.02 * width
    window = np.clip((row - edges.top) / hair + 1, 0, 1) * np.clip((edges.bottom - row) / soft + 0.5, 0, 1)
    return Lid(
        eye, edges, drop, skin.astype(np.float32), (lash * window).astype(np.float32), dark, points[1:-1]
    )


def _lash_colour(eye: Eye, edges: Edges) -> Float32Array:
    """(columns, 3): the darkest of the line over the eye; where it is faint, as dark as beside."""
    row = np.arange(eye.patch.shape[0], dtype=np.float32)[:, None]
    luma = np.where((row >= edges.top) & (row <= edges.bottom), eye.patch[..., 0], np.inf)
    darkest = eye.patch[luma.argmin(axis=0), np.arange(luma.shape[1])]
    inside = (eye.share > 0) & (eye.share < 1)
    weight = np.exp((darkest[inside, 0].min() - darkest[:, 0]) / FAINT).astype(np.float32) + np.float32(1e-3)
    total = smoothed(weight, 0.12 * eye.width)
    colour = [smoothed(each * weight, 0.12 * eye.width) / total for each in darkest.T]
    return np.stack(colour, axis=-1)


def _lay(plane: Picture, painted: Float32Array, mask: Float32Array, matrix: Float32Array) -> None:
    """Lay what is painted in the patch over a plane that `matrix` leads to, in place."""
    rows, columns = mask.shape
    ends = np.array([(0, 0, 1), (columns, 0, 1), (0, rows, 1), (columns, rows, 1)]) @ matrix.T
    left, top = np.maximum(np.floor(ends.min(axis=0)).astype(int), 0)
    right, down = np.ceil(ends.max(axis=0)).astype(int)
    part = plane[top : down + 1, left : right + 1]
    shifted = matrix - np.array([(0, 0, left), (0, 0, top)], np.float32)
    blur = 0.4 * (1 / float(np.hypot(*matrix[:, 0])) - 1)
    size = (part.shape[1], part.shape[0])
    laid, opacity = (
        cv2.warpAffine(
            cv2.GaussianBlur(each, (0, 0), blur) if blur > 0.2 else each,
            shifted,
            size,
            flags=cv2.INTER_LINEAR,
            borderMode=border,
        )
        for each, border in ((painted, cv2.BORDER_REPLICATE), (mask, cv2.BORDER_CONSTANT))
    )
    part[...] = np.clip(np.rint(part + opacity * (laid - part)), 0, 255).astype(np.uint8)


__all__ = ["Lid", "lids_of"]
