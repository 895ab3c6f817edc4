"""What is seen between opened lips: darkness, a tongue, teeth, in the colours of the picture itself."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from livetalk.engines.viseme.warp_face import CONTOUR_POINTS, Face, Floats
from livetalk.engines.viseme.warp_fields import smoothstep
from livetalk.engines.viseme.warp_palette import Palette
from livetalk.types import Picture, planes

_BINS = 512
"""steps along the mouth in which its outline is looked up"""
_BETWEEN_TEETH: Floats = np.array([0, 0.34, 0.6, 0.82], np.float32)
"""where upper teeth meet, from the middle of the resting mouth to its corner"""
_TOOTH_PX = (6.0, 14.0)
"""widths of a front tooth from which it begins to be told from its neighbours, and wholly is"""
_ACROSS: Floats = np.linspace(-1, 1, CONTOUR_POINTS, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is between the lips of one picture; in the face's frame, pixels."""

    upper: Floats
    """(33, 2), the upper lip's inner edge where it is now"""
    lower: Floats
    """(33, 2), the lower lip's; above `upper` where lips press each other"""
    kept: Floats
    """(33,), v down to which the inner mouth of the picture itself is to be seen"""
    presence: float
    """how much of the inner mouth shows, 0 at rest"""
    line: float
    """how dark the line between shut lips is drawn"""
    shadow: float
    """how dark the picture's own inner mouth is, of which a slit is left"""
    teeth: float
    """how far both rows are shown, as on an s"""
    bite: float
    """the upper row down on the lower lip, as on an f"""
    tongue: float
    """how far its tip is up at the teeth"""
    round: float
    """rounded lips hide the teeth"""


def paint_inside(picture: Picture, face: Face, opening: Opening, palette: Palette) -> None:
    """Paint between the lips, over an I420 picture whose lips have moved."""
    if opening.presence == opening.line == opening.shadow == 0:
        return
    luma, chroma = planes(picture)
    outline = face.to_picture(np.concatenate((opening.upper, opening.lower)))
    low = np.maximum(np.floor((outline.min(axis=0) - 3) / 2) * 2, 0).astype(int)
    high = np.minimum(np.ceil((outline.max(axis=0) + 3) / 2) * 2, luma.shape[::-1]).astype(int)
    x = np.arange(low[0], high[0], dtype=np.float32) - face.origin[0]
    y = np.arange(low[1], high[1], dtype=np.float32)[:, None] - face.origin[1]
    u, v = (row[0] * x + row[1] * y for row in face.turn)
    shares = _shares(face, opening, u, v)
    left, top, right, bottom = low[0], low[1], high[0], high[1]
    _lay(luma[top:bottom, left:right], shares, 0, palette)
    half_size = ((right - left) // 2, (bottom - top) // 2)
    half = np.asarray(cv2.resize(shares, half_size, interpolation=cv2.INTER_AREA), np.float32)
    for plane in (1, 2):
        target = chroma[plane - 1, top // 2 : bottom // 2, left // 2 : right // 2]
        _lay(target, half, plane, palette)


def _lay(target: Picture, shares: Floats, plane: int, palette: Palette) -> None:
    """Mix one plane's colours by their shares (rows, columns, 4), and lay them over `target`."""
    opacity, tongue, teeth, light = (shares[..., index] for index in range(4))
    dark = palette.dark[plane]
    colour = dark + tongue * (palette.tongue[plane] - dark)
    colour += teeth * ((palette.teeth[plane] if plane else palette.teeth[0] * light) - colour)
    target[...] = (target + opacity * (colour - target) + np.float32(0.5)).astype(np.uint8)


def _shares(face: Face, opening: Opening, u: Floats, v: Floats) -> Floats:
    """Opacity, tongue, teeth, and the light on the teeth: (rows, columns, 4), each in [0, 1]."""
    table = _table(opening)
    first, last = table[0, 0], table[-1, 0]
    place = ((u - first) * ((_BINS - 1) / (last - first))).astype(np.int32)
    outline = table[np.clip(place, 0, _BINS - 1)]
    s, upper, lower, kept = (outline[..., index] for index in range(1, 5))
    from_top, from_bottom = v - upper, lower - v
    edge = max(1.1, 0.014 * face.length)
    # a little over the lips' edges, where a trace of the skin behind them would shine through
    opacity = np.clip(np.minimum(from_top + 0.3, from_bottom + 0.9) / edge, 0, 1)
    room = lower - np.maximum(upper, kept)
    opacity *= np.clip(room / (1.5 * edge), 0, 1) * opening.presence
    opacity *= np.clip((v - kept) / edge, 0, 1)
    if opening.shadow > 0:
        # the lips' own edges lie between the lines along which they are torn
        fringe = 0.6 * float(face.margin.max())
        within = np.clip(np.minimum(from_top - 0.4 * fringe, from_bottom + fringe) / edge + 0.5, 0, 1)
        within *= np.clip((lower - upper) / edge, 0, 1) * (np.abs(s) < 1)
        opacity = np.maximum(opacity, opening.shadow * within)
    if opening.line > 0:
        off = (v - (upper + lower) / 2) / max(0.8, 0.012 * face.length)
        opacity = np.maximum(
            opacity, opening.line * np.exp(-off * off) * (1 - smoothstep((np.abs(s) - 0.85) / 0.15))
        )
    gap = float((table[:, 3] - table[:, 2]).max())
    free = float((table[:, 3] - np.maximum(table[:, 2], table[:, 4])).max())
    tongue = _tongue(opening, s, from_bottom, free)
    cleft = _cleft(face, u)
    teeth, light = _teeth(face, opening, s, (from_top + cleft * 0.012 * face.length, from_bottom), gap)
    light = light * (1 - 0.12 * cleft)
    return np.stack((opacity, tongue, teeth, light), axis=-1).astype(np.float32)


def _table(opening: Opening) -> Floats:
    """u, share across, upper edge, lower edge, kept edge at even steps of u: (512, 5)."""
    upper, lower = opening.upper, opening.lower
    between = (upper[:, 0] + lower[:, 0]) / 2
    u = np.linspace(between[0], between[-1], _BINS, dtype=np.float32)
    above = np.interp(u, upper[:, 0], upper[:, 1])
    return np.column_stack(
        (
            u,
            np.interp(u, between, _ACROSS),
            above,
            np.interp(u, lower[:, 0], lower[:, 1]),
            np.interp(u, upper[:, 0], opening.kept),
        )
    ).astype(np.float32)


def _tongue(opening: Opening, s: Floats, from_bottom: Floats, free: float) -> Floats:
    """A soft hill on the mouth's floor, `free` pixels below what the picture shows; it comes up on "th"."""
    top = free * (0.55 + 0.3 * opening.tongue) * (1 - 0.8 * s * s)
    share = smoothstep((top - from_bottom) / max(0.45 * free, 1)) * (1 - smoothstep((np.abs(s) - 0.35) / 0.5))
    return share * (0.75 + 0.25 * opening.tongue)


def _cleft(face: Face, u: Floats) -> Floats:
    """Whether two teeth meet at u, in [0, 1]; they stand still while the lips move over them."""
    tooth_px = face.half_width * float(_BETWEEN_TEETH[1])
    told = min(max((tooth_px - _TOOTH_PX[0]) / (_TOOTH_PX[1] - _TOOTH_PX[0]), 0), 1)
    half_px = max(0.9, 0.013 * face.length)
    along = np.linspace(-1, 1, _BINS, dtype=np.float32)
    off = np.abs(np.abs(along)[:, None] - _BETWEEN_TEETH).min(axis=1) * face.half_width / half_px
    cleft = told * np.exp(-off * off)
    place = ((face.across(u) + 1) * ((_BINS - 1) / 2)).astype(np.int32)
    found: Floats = cleft[np.clip(place, 0, _BINS - 1)]
    return found


def _teeth(
    face: Face, opening: Opening, s: Floats, edges: tuple[Floats, Floats], gap: float
) -> tuple[Floats, Floats]:
    """The share of teeth, and the light on them: less near the lips and towards the corners."""
    from_top, from_bottom = edges
    both, bite = opening.teeth * (1 - 0.8 * face.bared), opening.bite
    blur = max(1.2, 0.02 * face.length)
    side = 1 - smoothstep((np.abs(s) - 0.5) / 0.42)
    longest = face.length * (0.085 + 0.03 * both - 0.03 * opening.tongue + 0.08 * bite)
    length = min(longest, gap * (0.62 - 0.07 * both + 0.5 * bite)) * (1 - 0.65 * opening.round)
    # a narrow gap lies in the lips' shadow, unless the teeth are what is meant to be seen
    seen = max(opening.teeth, bite, 0.9 * min(max(gap / face.length - 0.02, 0) / 0.08, 1))
    upper = smoothstep((length * (1 - 0.45 * s * s) - from_top) / blur + 0.5) * seen
    upper *= (1 - 0.4 * opening.round) * (1 - opening.shadow)
    height = min(0.06 * face.length, 0.37 * gap)
    lower = smoothstep((height * (1 - 0.4 * s * s) - from_bottom) / blur + 0.5) * both
    # a line between the rows that is thinner than a pixel would break up into dots
    between = both * (1 - 0.5 * min(max(gap / 4 - 1, 0), 1))
    share = np.maximum(np.maximum(upper, lower), between) * side
    shade = 0.7 + 0.3 * max(min(gap / (0.14 * face.length), 1), bite)
    light = (1 - 0.4 * s * s) * (
        shade - (0.25 - 0.15 * bite) * (1 - smoothstep(from_top / (0.07 * face.length)))
    )
    return share, np.where(lower > upper, 0.8 * light, light)
