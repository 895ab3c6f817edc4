"""How skin moves when a mouth moves: one field of displacements for each movement.

A frame's displacement is a weighted sum of the fields, so the fields are all that a pose needs. There
are two layers, torn apart along the mouth's slit: the upper one is what moves with the upper lip, the
lower one what moves with the lower lip and the jaw. To the sides of the mouth they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from livetalk.engines.viseme.warp_face import Face, Floats

JAW, SHUT, WIDE, ROUND, TUCK, CLING = range(6)
"""the movements: the jaw falls, the lips meet, the corners go apart, or together, the lower lip rolls in;
lips cling to each other towards the corners, as a share of what the jaw parts"""

JAW_DROP = 0.26
"""of the lower lip at weight 1, in face lengths; farther, and photographed skin looks like rubber"""
CORNER_DROP = 0.3
"""of the mouth's corners, as a share of the lower lip's"""
CHIN_DROP = 0.93
LIP_LIFT = 0.05
"""of the upper lip, upwards, as a share too"""
CLUNG, BLUNT = 0.78, 0.65
"""where lips that cling come apart, of the way to the corners, and how steeply they do: 1 is a parabola"""
WIDEN, PURSE = 0.15, 0.27
"""of the corners at weight 1, as a share of half the mouth's width"""

_INVERSION_STEPS = 5
_NO_MAP: Floats = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class _Skin:
    """Some places of one layer, (n,) each."""

    u: Floats
    v: Floats
    s: Floats
    """along the mouth, see `Face.across`"""
    bump: Floats
    """1 in the middle of the mouth, 0 in its corners and beyond them"""
    corner: Floats
    """0 in the middle of the mouth, 1 in its corners, falling softly beyond them"""
    beyond: Floats
    """how far it is from the layer's lip into the face, pixels; 0 on the other side of that lip's edge"""


def displacements(face: Face, place: Floats, lower: bool) -> Floats:
    """How far skin at `place` (n, 2) moves at weight 1: (6, n, 2), in the face's frame, pixels.

    Points beyond the slit move as the edge of the layer does.
    """
    skin = _skin(face, place, lower)
    moves = _lower(face, skin) if lower else _upper(face, skin)
    sides = _sideways(face, skin, skin.beyond if lower else -skin.beyond)
    moves[WIDE:TUCK] = sides[:2]
    moves[JAW] += sides[2]
    return moves


def _skin(face: Face, place: Floats, lower: bool) -> _Skin:
    u, v = np.ascontiguousarray(place.T)
    s = face.across(u)
    rim = face.lower if lower else face.upper
    edge = _interp(u, rim[:, 0], rim[:, 1])
    bump = np.maximum(1 - s * s, 0)
    outside = np.maximum(np.abs(s) - 1, 0)
    corner = np.where(outside > 0, np.exp(-np.square(outside / 0.8)), 1 - bump)
    return _Skin(u, v, s, bump, corner, np.maximum(v - edge if lower else edge - v, 0))


def _interp(x: Floats, xp: Floats, fp: Floats) -> Floats:
    """`np.interp` in single precision, in which the fields are worked out twice as fast."""
    return np.interp(x, xp, fp).astype(np.float32)


def smoothstep(share: Floats) -> Floats:
    """0 below 0, 1 above 1, smooth between."""
    share = np.clip(share, 0, 1)
    smooth: Floats = share * share * (3 - 2 * share)
    return smooth


def _lower(face: Face, skin: _Skin) -> Floats:
    moves = np.zeros((6, len(skin.s), 2), np.float32)
    height = face.chin - face.lower[len(face.lower) // 2, 1]
    middle = face.upper[len(face.upper) // 2, 0]
    reach = np.where(skin.u < middle, middle - face.jaw[1, 0], face.jaw[-2, 0] - middle)
    aside = np.minimum(np.abs(skin.u - middle) / np.maximum(reach, face.half_width), 1)
    jaw = CHIN_DROP * np.square(1 - aside * aside * aside)
    lip = CORNER_DROP * skin.corner + skin.bump
    under_jaw = skin.v - _interp(skin.u, face.jaw[:, 0], face.jaw[:, 1])
    drop = lip + (jaw - lip) * smoothstep(skin.beyond / (0.55 * height))
    drop *= 1 - smoothstep(under_jaw / (0.6 * face.length))
    _fall(face, JAW, drop, moves)
    _fall(face, CLING, -0.6 * _clinging(skin) * (1 - smoothstep(skin.beyond / (0.6 * height))), moves)
    fade = 1 - smoothstep(skin.beyond / (0.95 * height))
    gap = _interp(skin.u, face.upper[:, 0], face.lower[:, 1] - face.upper[:, 1])
    moves[SHUT, :, 1] = -(0.6 * gap + 0.12 * face.lips[1] * skin.bump) * fade
    moves[TUCK, :, 1] = -0.035 * face.length * skin.bump * fade
    return moves


def _upper(face: Face, skin: _Skin) -> Floats:
    moves = np.zeros((6, len(skin.s), 2), np.float32)
    cheek = np.exp(-np.square(skin.beyond / (0.35 * face.length)))
    _fall(face, JAW, (CORNER_DROP * skin.corner - LIP_LIFT * skin.bump) * cheek, moves)
    _fall(face, CLING, 0.4 * _clinging(skin) * cheek, moves)
    fade = np.exp(-np.square(skin.beyond / (0.6 * abs(face.nose))))
    gap = _interp(skin.u, face.upper[:, 0], face.lower[:, 1] - face.upper[:, 1])
    moves[SHUT, :, 1] = (0.4 * gap + 0.1 * face.lips[0] * skin.bump) * fade
    moves[TUCK, :, 1] = -0.04 * face.length * skin.bump * fade
    return moves


def _clinging(skin: _Skin) -> Floats:
    """By how much less lips part that cling to each other at the sides, as a share of the jaw's way."""
    apart = np.maximum(1 - np.square(skin.s / CLUNG), 0) ** BLUNT
    less: Floats = (1 + LIP_LIFT) * (skin.bump - apart)
    return less


def _fall(face: Face, move: int, drop: Floats, moves: Floats) -> None:
    """Write what goes the jaw's way, as a share of the whole of it."""
    for axis in range(2):
        moves[move, :, axis] = JAW_DROP * face.length * face.down[axis] * drop


def _sideways(face: Face, skin: _Skin, off: Floats) -> Floats:
    """Movements that both layers share: wide, round, and the jaw's pull on the corners."""
    middle = face.upper[len(face.upper) // 2, 0]
    near = np.exp(-np.square(off / (0.42 * face.length)))
    aside, half = skin.u - middle, np.float32(face.half_width)
    squared = skin.s * skin.s
    pull = aside * np.exp(0.18 - 0.18 * np.abs(skin.s) * squared) * near
    # on the far side of a turned head the face ends soon: what is behind it stays
    beside = (np.abs(aside) - 0.9 * half) / np.maximum(_outline(face, skin) - 0.4 * half, 0.9 * half)
    pull *= 1 - smoothstep(beside)
    lips = np.exp(-np.square(off / (face.lips[0] + face.lips[1])) - squared * squared)
    moves = np.zeros((3, len(skin.s), 2), np.float32)
    moves[0, :, 0] = WIDEN * pull
    moves[0, :, 1] = -0.02 * face.length * skin.corner * near - 0.1 * off * lips
    moves[1, :, 0] = -PURSE * pull
    moves[1, :, 1] = 0.2 * off * lips
    moves[2, :, 0] = -0.08 * pull
    return moves


def _outline(face: Face, skin: _Skin) -> Floats:
    """How far the jaw's edge is from the mouth's middle at each place's height."""
    middle = face.upper[len(face.upper) // 2, 0]
    chin = len(face.jaw) // 2
    left, right = face.jaw[chin::-1], face.jaw[chin:]
    edges = (_interp(-skin.v, np.maximum.accumulate(-side[:, 1]), side[:, 0]) for side in (left, right))
    from_left, from_right = (np.abs(edge - middle) for edge in edges)
    away: Floats = np.where(skin.u < middle, from_left, from_right)
    return away


def invert(field: Floats, cell: float) -> Floats:
    """Where skin comes from, instead of where it goes to.

    Args:
        field: (rows, columns, 2), how far the skin at each point of a grid goes, pixels.
        cell: pixels between neighbours of the grid.

    Returns:
        the same shape: what must be added to a place to get to where its skin was.
    """
    rows, columns = field.shape[:2]
    grid = np.dstack(np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)))
    back = -field
    for _ in range(_INVERSION_STEPS):
        source = grid + back * np.float32(1 / cell)
        there = cv2.remap(field, source, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        back = -np.asarray(there, np.float32)
    return back


__all__ = ["CLING", "JAW", "JAW_DROP", "ROUND", "SHUT", "TUCK", "WIDE", "displacements", "invert"]
