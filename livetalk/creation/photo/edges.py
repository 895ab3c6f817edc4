"""Where in an eye's patch the lashes begin and end, and where the lower lid's skin begins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.creation.photo.eye import Eye
from livetalk.creation.photo.seam import seam
from livetalk.types import Float32Array

Flags = npt.NDArray[np.bool_]

SMOOTH = 0.05
"""of all curves along the eye, in eye widths"""
COVERED = 0.4
"""brightness of a lid over the skin's below the eye, at least: else something dark lies over it"""
UNLIKE = 18
"""how far a colour is from the skin's where it is not skin, |Y| + |U| + |V|"""
REACH = 0.12
"""how far below the mesh's edge the eye may go on, in its widths"""
LASH_TOP, LASH_DEPTH = (-0.18, 0.04, -0.05), (0.03, 0.2, 0.05)
"""of the upper lashes' upper edge above the mesh's, of their lower below it: first, last, likeliest place"""
PRIOR, STIFF = 2.0, 0.45
"""of an edge's path: what a place an eye's width from the likeliest costs, and a step aside"""
DARKER = 1.7
"""how much more the edge of what is dark counts than that of a shade"""
HUE, DARK = 14, 0.55
"""of what is below the mesh's edge: less different in |U| + |V|, and not as dark, it is a shade"""
LIT = 0.5
"""share of the skin's colour below the eye in that of a shut lid"""
CORNER = 0.2
"""how far beyond the mesh's corners, in its widths"""
SEEN = 0.6
"""of an open eye's height, at least, is neither like the skin above it nor like that below"""


@dataclass(frozen=True, slots=True)
class Edges:
    """Rows of a patch, one for each column."""

    fold: Float32Array
    """skin above it stays where it is"""
    top: Float32Array
    """of the lashes"""
    bottom: Float32Array
    """of the lashes: the lid's edge"""
    lower: Float32Array
    """of the eye, where the skin below it begins"""
    lid: Float32Array
    """(columns, 3): colour of the lid"""
    shut: Float32Array
    """(columns, 3): and when it is shut, lit as the skin below the eye is"""
    ends: tuple[float, float]
    """of the eye to the left and right, as `Eye.share`"""


def smoothed(curve: Float32Array, width: float) -> Float32Array:
    """A curve without what is shorter than `width` columns."""
    return np.asarray(
        cv2.GaussianBlur(curve[None], (0, 0), max(width, 0.5), borderType=cv2.BORDER_REPLICATE)[0], np.float32
    )


def edges_of(eye: Eye) -> Edges | None:
    """The edges of an eye that can blink, None where no eye or no lid is to be seen."""
    width = eye.width
    skin_above, skin_below = _skin_above(eye), _skin_below(eye)
    inside = (eye.share > 0.1) & (eye.share < 0.9)
    if np.median(skin_above[inside]) < COVERED * np.median(skin_below[inside, 0]):
        return None
    if not _open(eye, skin_below):
        return None
    top, bottom = _lashes(eye, skin_above)
    other = _unlike(eye, skin_below)
    ends = _ends(eye, other, bottom, skin_below)
    lower = _lower(eye, other, ends)
    bottom = smoothed(bottom, SMOOTH * width)
    thick = np.clip(bottom - top, 0.02 * width, 1.3 * np.median((bottom - top)[inside]))
    top = bottom - smoothed(thick.astype(np.float32), 2 * SMOOTH * width)
    room = np.clip(0.7 * (top - eye.brow), 0.06 * width, 0.3 * width)
    fold = top - smoothed(room.astype(np.float32), SMOOTH * width)
    lid = _lid(eye, fold, top - np.float32(0.02 * width))
    shut = (1 - np.float32(LIT)) * lid + np.float32(LIT) * skin_below
    return Edges(fold, top, bottom, np.maximum(lower, bottom), lid, shut, ends)


def _rows(eye: Eye) -> Float32Array:
    return np.arange(eye.patch.shape[0], dtype=np.float32)[:, None]


def _high(eye: Eye) -> Float32Array:
    """(columns,): where the lid's skin surely begins, below the brow."""
    high: Float32Array = np.maximum(eye.brow + 0.3 * (eye.upper - eye.brow), eye.upper - 0.35 * eye.width)
    return high


def _skin_above(eye: Eye) -> Float32Array:
    """(columns,): luma of the lid between brow and eye, where it is bright."""
    rows = _rows(eye)
    band = (rows >= _high(eye)) & (rows <= eye.upper)
    luma = np.where(band, eye.patch[..., 0], np.nan)
    bright = np.nanpercentile(luma, 80, axis=0).astype(np.float32)
    return smoothed(bright, 0.12 * eye.width)


def _skin_below(eye: Eye) -> Float32Array:
    """(columns, 3): colour of the skin under the eye."""
    rows = _rows(eye)
    band = (rows >= eye.lower + 0.2 * eye.width) & (rows <= eye.lower + 0.36 * eye.width)
    colours = np.where(band[..., None], eye.patch, np.nan)
    middle = np.nanmedian(colours, axis=0).astype(np.float32)
    return np.stack([smoothed(each, 0.15 * eye.width) for each in middle.T], axis=-1)


def _lashes(eye: Eye, skin: Float32Array) -> tuple[Float32Array, Float32Array]:
    """The rows where the dark line over the eye begins and ends."""
    luma, width = cv2.GaussianBlur(eye.patch[..., 0], (0, 0), 0.012 * eye.width), eye.width
    inside = (eye.share > 0.1) & (eye.share < 0.9)
    bright = np.float32(np.median(skin[inside]))
    contrast = max(bright - np.percentile(luma[:, inside], 2), 20)
    slope = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3) * np.float32(width / 96 / contrast)
    dark = np.clip((bright - luma) / contrast, 0, 1) ** DARKER
    # what lies a little below an edge of the lashes is as dark as anything: a crease in the lid is not
    below = np.roll(dark, -round(0.03 * width), axis=0)
    top = _edge(eye, slope * below, eye.upper, LASH_TOP)
    bottom = _edge(eye, -slope, smoothed(top, SMOOTH * width), LASH_DEPTH)
    return top, bottom


def _edge(
    eye: Eye, slope: Float32Array, start: Float32Array, reach: tuple[float, float, float]
) -> Float32Array:
    """The rows where `slope` is least, `reach` (first, last, likeliest; eye widths) below `start`."""
    first, last, likely = (each * eye.width for each in reach)
    offsets = np.arange(first, last, eye.width / 96, dtype=np.float32)[:, None]
    rows = np.broadcast_to(start + offsets, (len(offsets), len(start))).astype(np.float32)
    columns = np.broadcast_to(np.arange(len(start), dtype=np.float32), rows.shape)
    cost = cv2.remap(slope, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cost = cost + PRIOR * np.abs(offsets - likely) / eye.width
    path = seam(cost, STIFF)
    return np.asarray(start + np.float32(first) + path * np.float32(eye.width / 96), np.float32)


def _lid(eye: Eye, fold: Float32Array, end: Float32Array) -> Float32Array:
    """(columns, 3): the lid's colour from the fold down, where it is bright."""
    rows = _rows(eye)
    band = (rows >= fold) & (rows <= end)
    luma = np.where(band, eye.patch[..., 0], np.nan)
    bright = band & (eye.patch[..., 0] >= np.nanpercentile(luma, 60, axis=0))
    own = (eye.patch * bright[..., None]).sum(axis=0) / np.maximum(bright.sum(axis=0), 1)[:, None]
    return np.stack([smoothed(each, 0.1 * eye.width) for each in own.T.astype(np.float32)], axis=-1)


def _between(eye: Eye) -> Flags:
    """(rows, columns): surely between the lids, if the eye is open."""
    rows = _rows(eye)
    between: Flags = (rows > eye.upper) & (rows < eye.lower) & (eye.share > 0.1) & (eye.share < 0.9)
    return between


def _open(eye: Eye, skin_below: Float32Array) -> bool:
    """Whether an eye is seen where the mesh has one: it shuts few eyes, the less on drawn faces.

    Between the lids of a shut one there is skin, of the upper lid and the lower, and a line of lashes.
    """
    lid, between = _lid(eye, _high(eye), eye.upper), _between(eye)
    least, most = (each(lid, skin_below) for each in (np.minimum, np.maximum))
    away = np.maximum(least - eye.patch, 0) + np.maximum(eye.patch - most, 0)
    unlike = between & (away.sum(axis=-1) > UNLIKE)
    middle = (eye.share > 0.2) & (eye.share < 0.8)
    seen = unlike.sum(axis=0)[middle] / np.maximum(between.sum(axis=0)[middle], 1)
    return float(np.median(seen)) > SEEN


def _unlike(eye: Eye, skin: Float32Array) -> Flags:
    """(rows, columns): neither skin nor its shade, but white or iris, or lashes."""
    rows, away = _rows(eye), eye.patch - skin
    unlike, between = np.abs(away).sum(axis=-1), _between(eye)
    band = (rows >= eye.lower + 0.2 * eye.width) & (rows <= eye.lower + 0.36 * eye.width)
    band &= (eye.share > 0) & (eye.share < 1)
    least = max(UNLIKE, 1.3 * np.percentile(unlike[band], 90), 0.3 * np.median(unlike[between]))
    dark = np.percentile(away[between][:, 0], 5)
    # a lower lid's own shade and lashes are somewhat darker than skin: no white, no iris
    shade = (away[..., 0] < 0) & (away[..., 0] > DARK * dark) & (np.abs(away[..., 1:]).sum(axis=-1) < HUE)
    other: Flags = (unlike > least) & ~shade
    return other


def _ends(eye: Eye, other: Flags, bottom: Float32Array, skin: Float32Array) -> tuple[float, float]:
    """Where the eye ends to the left and right, as `Eye.share`: white may go on beyond the mesh's corners."""
    rows, width = _rows(eye), eye.width
    dark = np.percentile((eye.patch - skin)[_between(eye)][:, 0], 5)
    white = other & (eye.patch[..., 0] > skin[:, 0] + 0.3 * dark)
    white &= (rows > bottom) & (rows < eye.lower + REACH * width)
    seen = white.sum(axis=0) >= 0.025 * width
    left, right = np.searchsorted(eye.share, (0, 1))
    first, last = np.searchsorted(eye.share, (-CORNER, 1 + CORNER))
    outside = np.flatnonzero(~seen[first:left])
    start = first + outside[-1] + 1 if len(outside) else first
    beyond = np.flatnonzero(~seen[right:last])
    end = right + beyond[0] if len(beyond) else last
    return float(eye.share[start]), float(eye.share[end - 1])


def _lower(eye: Eye, other: Flags, ends: tuple[float, float]) -> Float32Array:
    """The lowest row that is not skin, near the mesh's edge."""
    rows, width = _rows(eye), eye.width
    reach = (rows >= eye.lower) & (rows <= eye.lower + REACH * width)
    reach &= (eye.share > ends[0]) & (eye.share < ends[1])
    beyond = np.where(other & reach, rows, eye.lower).max(axis=0) - eye.lower
    widest = cv2.dilate(beyond[None].astype(np.float32), np.ones((1, round(0.12 * width)), np.uint8))[0]
    return eye.lower + smoothed(widest, 0.07 * width) + np.float32(0.015 * width)


__all__ = ["Edges", "edges_of", "smoothed"]
