"""Where in an eye's patch the lashes begin and end, and where the lower lid's skin begins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from livetalk.creation.photo.eye import Eye
from livetalk.types import Float32Array

SMOOTH = 0.05
"""of all curves along the eye, in eye widths"""
COVERED = 0.4
"""brightness of a lid over the skin's below the eye, at least: else something dark lies over it"""
UNLIKE = 18
"""how far a colour is from the skin's where it is not skin, |Y| + |U| + |V|"""
REACH = 0.12
"""how far below the mesh's edge the eye may go on, in its widths"""
HUE, DARK = 14, 0.55
"""of what is below the mesh's edge: less different in |U| + |V|, and not as dark, it is a shade"""
LIT = 0.5
"""share of the skin's colour below the eye in that of a shut lid"""
SEEN = 0.4
"""of what lies between an open eye's lids, at least, is not like skin"""


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
    skin: Float32Array
    """(columns, 3): colour of a lid that is shut"""


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
    lower = _lower(eye, skin_below)
    if lower is None:
        return None
    top, bottom = _lashes(eye, skin_above)
    bottom = smoothed(bottom, SMOOTH * width)
    thick = np.clip(bottom - top, 0.02 * width, 1.3 * np.median((bottom - top)[inside]))
    top = bottom - smoothed(thick.astype(np.float32), 2 * SMOOTH * width)
    room = np.clip(0.7 * (top - eye.brow), 0.06 * width, 0.3 * width)
    fold = top - smoothed(room.astype(np.float32), SMOOTH * width)
    return Edges(fold, top, bottom, np.maximum(lower, bottom), _shut(eye, fold, top, skin_below))


def _rows(eye: Eye) -> Float32Array:
    return np.arange(eye.patch.shape[0], dtype=np.float32)[:, None]


def _skin_above(eye: Eye) -> Float32Array:
    """(columns,): luma of the lid between brow and eye, where it is bright."""
    rows = _rows(eye)
    high = np.maximum(eye.brow + 0.3 * (eye.upper - eye.brow), eye.upper - 0.35 * eye.width)
    band = (rows >= high) & (rows <= eye.upper)
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
    """The rows where the dark line over the eye begins and ends; none is as thin as nothing."""
    luma, rows, width = eye.patch[..., 0], _rows(eye), eye.width
    near = np.abs(rows - (eye.upper - 0.03 * width)) / width
    wanted = np.where(near < 0.13, luma + 250 * near, np.inf)
    middle = smoothed(np.argmin(wanted, axis=0).astype(np.float32), 0.04 * width)
    at = np.clip(np.rint(middle).astype(int), 0, len(luma) - 1)
    dark = luma[at, np.arange(luma.shape[1])]
    contrast = np.maximum(skin - dark, 1)
    lit = (luma - dark) / contrast
    over = (lit > 0.8) & (rows < middle)
    under = (lit > 0.5) & (rows > middle)
    top = np.where(over, rows, -np.inf).max(axis=0)
    bottom = np.where(under, rows, np.inf).min(axis=0)
    top = np.clip(top, middle - 0.14 * width, middle - 0.02 * width)
    bottom = np.clip(bottom, middle + 0.02 * width, middle + 0.05 * width)
    return top.astype(np.float32), bottom.astype(np.float32)


def _shut(eye: Eye, fold: Float32Array, top: Float32Array, below: Float32Array) -> Float32Array:
    """A shut lid's colour: the lid's own where it is bright, and as it is lit then, the skin's below the eye."""
    rows = _rows(eye)
    band = (rows >= fold) & (rows <= top - 0.02 * eye.width)
    luma = np.where(band, eye.patch[..., 0], np.nan)
    bright = band & (eye.patch[..., 0] >= np.nanpercentile(luma, 60, axis=0))
    own = (eye.patch * bright[..., None]).sum(axis=0) / np.maximum(bright.sum(axis=0), 1)[:, None]
    mixed = (1 - LIT) * own + LIT * below
    return np.stack([smoothed(each, 0.1 * eye.width) for each in mixed.T.astype(np.float32)], axis=-1)


def _lower(eye: Eye, skin: Float32Array) -> Float32Array | None:
    """The lowest row that is not skin, near the mesh's edge; None where an open eye should be and is not."""
    rows, width = _rows(eye), eye.width
    unlike = np.abs(eye.patch - skin).sum(axis=-1)
    within = (rows > eye.upper) & (rows < eye.lower) & (eye.share > 0.1) & (eye.share < 0.9)
    if not within.any() or (unlike[within] > UNLIKE).mean() < SEEN:
        return None
    band = (rows >= eye.lower + 0.2 * width) & (rows <= eye.lower + 0.36 * width) & (eye.share > 0) & (eye.share < 1)
    least = max(UNLIKE, 1.3 * np.percentile(unlike[band], 90), 0.3 * np.median(unlike[within]))
    away = eye.patch - skin
    dark = np.percentile(away[within][:, 0], 5)
    # a lower lid's own shade and lashes are somewhat darker than skin: no white, no iris
    shade = (away[..., 0] < 0) & (away[..., 0] > DARK * dark) & (np.abs(away[..., 1:]).sum(axis=-1) < HUE)
    other = (unlike > least) & ~shade
    reach = (rows >= eye.lower) & (rows <= eye.lower + REACH * width) & (eye.share > 0) & (eye.share < 1)
    beyond = np.where(other & reach, rows, eye.lower).max(axis=0) - eye.lower
    widest = cv2.dilate(beyond[None].astype(np.float32), np.ones((1, round(0.12 * width)), np.uint8))[0]
    return eye.lower + smoothed(widest, 0.07 * width) + np.float32(0.015 * width)


__all__ = ["Edges", "edges_of", "smoothed"]
