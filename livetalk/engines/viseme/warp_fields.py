"""How skin moves when a mouth moves: one field of displacements for each movement.

A frame's displacement is a weighted sum of the fields, so the fields are all that a pose needs. There
are two layers, torn apart along the mouth's slit: the upper one is what moves with the upper lip, the
lower one what moves with the lower lip and the jaw. To the sides of the mouth they are the same.
"""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.engines.viseme.warp_face import Face, Floats

JAW, SHUT, WIDE, ROUND, TUCK = range(5)
"""the movements: the jaw falls, the lips meet, the corners go apart, or together, the lower lip rolls in"""

JAW_DROP = 0.26
"""of the lower lip at weight 1, in face lengths; farther, and photographed skin looks like rubber"""
CORNER_DROP = 0.3
"""of the mouth's corners, as a share of the lower lip's"""
CHIN_DROP = 0.93
LIP_LIFT = 0.05
"""of the upper lip, upwards, as a share too"""
WIDEN, PURSE = 0.15, 0.27
"""of the corners at weight 1, as a share of half the mouth's width"""

_INVERSION_STEPS = 5
_NO_MAP: Floats = np.empty(0, np.float32)


def displacements(face: Face, place: Floats, lower: bool) -> Floats:
    """How far skin at `place` (n, 2) moves at weight 1: (5, n, 2), in the face's frame, pixels.

    Points beyond the slit move as the edge of the layer does.
    """
    u, v = np.ascontiguousarray(place.T)
    s = face.across(u)
    rim = face.lower if lower else face.upper
    edge = _interp(u, rim[:, 0], rim[:, 1])
    beyond = np.maximum(v - edge if lower else edge - v, 0)
    moves = _lower(face, s, u, v, beyond) if lower else _upper(face, s, u, beyond)
    sides = _sideways(face, s, (u, v), beyond if lower else -beyond)
    moves[WIDE:TUCK] = sides[:2]
    moves[JAW] += sides[2]
    return moves.astype(np.float32, copy=False)


def _interp(x: Floats, xp: Floats, fp: Floats) -> Floats:
    """`np.interp` in single precision, in which the fields are worked out twice as fast."""
    return np.interp(x, xp, fp).astype(np.float32)


def _bump(s: Floats) -> Floats:
    """1 in the middle of the mouth, 0 in its corners and beyond them."""
    bump: Floats = np.maximum(1 - np.abs(s) ** 2.2, 0)
    return bump


def _corner(s: Floats) -> Floats:
    """0 in the middle of the mouth, 1 in its corners, falling softly beyond them."""
    outside = np.maximum(np.abs(s) - 1, 0)
    return np.where(outside > 0, np.exp(-((outside / 0.8) ** 2)), 1 - _bump(s))


def smoothstep(share: Floats) -> Floats:
    """0 below 0, 1 above 1, smooth between."""
    share = np.clip(share, 0, 1)
    smooth: Floats = share * share * (3 - 2 * share)
    return smooth


def _lower(face: Face, s: Floats, u: Floats, v: Floats, below: Floats) -> Floats:
    moves = np.zeros((5, len(s), 2), np.float32)
    height = face.chin - face.lower[len(face.lower) // 2, 1]
    middle = face.upper[len(face.upper) // 2, 0]
    reach = np.where(u < middle, middle - face.jaw[1, 0], face.jaw[-2, 0] - middle)
    aside = np.minimum(np.abs(u - middle) / np.maximum(reach, face.half_width), 1)
    jaw = CHIN_DROP * (1 - aside**2.8) ** 2
    bump = _bump(s)
    lip = CORNER_DROP * _corner(s) + bump
    under_jaw = v - _interp(u, face.jaw[:, 0], face.jaw[:, 1])
    drop = lip + (jaw - lip) * smoothstep(below / (0.55 * height))
    drop *= 1 - smoothstep(under_jaw / (0.6 * face.length))
    moves[JAW] = JAW_DROP * face.length * drop[:, None] * face.down
    fade = 1 - smoothstep(below / (0.95 * height))
    gap = _interp(u, face.upper[:, 0], face.lower[:, 1] - face.upper[:, 1])
    moves[SHUT, :, 1] = -(0.6 * gap + 0.12 * face.lips[1] * bump) * fade
    moves[TUCK, :, 1] = -0.035 * face.length * bump * fade
    return moves


def _upper(face: Face, s: Floats, u: Floats, above: Floats) -> Floats:
    moves = np.zeros((5, len(s), 2), np.float32)
    bump, corner = _bump(s), _corner(s)
    cheek = np.exp(-((above / (0.35 * face.length)) ** 2))
    drop = (CORNER_DROP * corner - LIP_LIFT * bump) * cheek
    moves[JAW] = JAW_DROP * face.length * drop[:, None] * face.down
    fade = np.exp(-((above / (0.6 * abs(face.nose))) ** 2))
    gap = _interp(u, face.upper[:, 0], face.lower[:, 1] - face.upper[:, 1])
    moves[SHUT, :, 1] = (0.4 * gap + 0.1 * face.lips[0] * bump) * fade
    moves[TUCK, :, 1] = -0.04 * face.length * bump * fade
    return moves


def _sideways(face: Face, s: Floats, place: tuple[Floats, Floats], off: Floats) -> Floats:
    """Movements that both layers share: wide, round, and the jaw's pull on the corners."""
    middle = face.upper[len(face.upper) // 2, 0]
    near = np.exp(-((off / (0.42 * face.length)) ** 2))
    aside, half = place[0] - middle, np.float32(face.half_width)
    squared = s * s
    pull = aside * np.exp(0.18 - 0.18 * np.abs(s) * squared) * near
    # on the far side of a turned head the face ends soon: what is behind it stays
    pull *= 1 - smoothstep(
        (np.abs(aside) - 0.9 * half) / np.maximum(_outline(face, *place) - 0.4 * half, 0.9 * half)
    )
    lips = np.exp(-((np.abs(off) / (face.lips[0] + face.lips[1])) ** 2) - squared * squared)
    moves = np.zeros((3, len(s), 2), np.float32)
    moves[0, :, 0] = WIDEN * pull
    moves[0, :, 1] = -0.02 * face.length * _corner(s) * near - 0.1 * off * lips
    moves[1, :, 0] = -PURSE * pull
    moves[1, :, 1] = 0.2 * off * lips
    moves[2, :, 0] = -0.08 * pull
    return moves


def _outline(face: Face, u: Floats, v: Floats) -> Floats:
    """How far the jaw's edge is from the mouth's middle at each place's height."""
    middle = face.upper[len(face.upper) // 2, 0]
    chin = len(face.jaw) // 2
    left, right = face.jaw[chin::-1], face.jaw[chin:]
    edges = (_interp(-v, np.maximum.accumulate(-side[:, 1]), side[:, 0]) for side in (left, right))
    from_left, from_right = (np.abs(edge - middle) for edge in edges)
    away: Floats = np.where(u < middle, from_left, from_right)
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


__all__ = ["JAW", "JAW_DROP", "ROUND", "SHUT", "TUCK", "WIDE", "displacements", "invert"]
