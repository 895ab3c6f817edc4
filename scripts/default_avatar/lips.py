"""Where the lips, the teeth, the tongue and the jaw are for a form of the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scripts.default_avatar.canvas import Float
from scripts.default_avatar.skin import CENTER_X, MOUTH_Y, step

Curve = npt.NDArray[np.float64]
"""(n, 2), from the left corner to the right one"""

JAW_DROP = 15.0
"""pixels that the chin sinks when the mouth is wide open"""
_PHI = np.linspace(-np.pi / 2, np.pi / 2, 61)
_T = np.sin(_PHI)
"""-1 at the left corner, 1 at the right, dense at both"""


@dataclass(frozen=True, slots=True)
class Lips:
    """A mouth as curves, in picture pixels."""

    upper_outer: Curve
    upper_inner: Curve
    lower_inner: Curve
    lower_outer: Curve
    teeth_edge: float
    """y of the upper teeth's lower end"""
    lower_teeth: float
    """y of the lower teeth's upper end"""
    tongue_top: float
    tongue_width: float
    drop: float
    """pixels that the chin hangs lower than at rest"""
    spread: float
    press: float

    def outer(self) -> Curve:
        """The outline of both lips."""
        return np.vstack((self.upper_outer, self.lower_outer[::-1]))

    def inner(self) -> Curve:
        """The outline of the opening."""
        return np.vstack((self.upper_inner, self.lower_inner[::-1]))

    def gap(self) -> float:
        """How far the lips stand apart in the middle."""
        middle = len(_T) // 2
        return float(self.lower_inner[middle, 1] - self.upper_inner[middle, 1])


def lips_of(form: npt.ArrayLike) -> Lips:
    """The curves for a form: open, spread, press, tuck, tongue, teeth."""
    opened, spread, press, tuck, tongue, teeth = (float(value) for value in np.asarray(form))
    wide, purse = max(spread, 0.0), max(-spread, 0.0)
    rest = max(0.0, 1 - 2.2 * opened)
    half = 34 * (1 + 0.17 * wide - 0.43 * purse - 0.13 * opened * (1 - 0.4 * purse) - 0.03 * press)
    rise = 4.0 * (1 - purse) + 2.5 * wide - 6.0 * opened * (1 - 0.5 * wide) - 1.5 * press
    up = 3.6 * opened + 4.2 * tuck + teeth * (4.0 - 1.5 * purse) + 1.0 * purse**2 + 0.6 * tongue
    down = (
        32 * opened * (1 - 0.22 * purse)
        + teeth * 5.0 * (1 - 0.6 * min(1.0, 2.5 * opened))
        + 2.6 * purse**2
        + 7.0 * tongue * (1 - min(1.0, 3.0 * opened))
        - 3.0 * tuck
    )
    down = max(down, -up + 0.02)
    upper = 8.2 * (1 - 0.38 * press - 0.16 * wide - 0.15 * opened + 0.32 * purse - 0.15 * tuck - 0.1 * teeth)
    lower = 12.0 * (1 - 0.36 * press - 0.14 * wide - 0.10 * opened + 0.12 * purse - 0.50 * tuck)
    corner = 0.6 + 5.5 * purse
    bow = 1.0 - 0.75 * purse
    sharp = 1.0 - 0.45 * min(1.0, opened + purse)

    t = np.abs(_T)
    ends = -rise * t**2.2
    line = MOUTH_Y + ends + rest * (1 - purse) * (1.6 * np.exp(-((_T / 0.16) ** 2)) - 1.1 * np.exp(-(((t - 0.42) / 0.2) ** 2)))
    line -= 1.2 * press * (1 - t**2)
    round_gap = np.sqrt(np.maximum(1 - _T**2, 0))
    bell = round_gap ** (1.0 + 0.9 * sharp)
    inner_x = CENTER_X + (half - corner) * _T
    upper_inner = line - up * bell
    lower_inner = line + down * round_gap ** (1.0 + 0.5 * sharp)
    lower_inner = np.maximum(lower_inner, upper_inner)

    body = round_gap ** (1.25 - 0.45 * purse)
    peaks = 1 + bow * (0.16 * np.exp(-(((t - 0.25) / 0.16) ** 2)) - 0.13 * np.exp(-((_T / 0.11) ** 2)))
    outer_x = CENTER_X + half * _T
    edge = MOUTH_Y + ends * 0.98
    upper_outer = edge - (up + upper * peaks) * body * (1 - 0.10 * bow * np.sin(np.pi * t) ** 2) - 0.2
    lower_outer = edge + (max(down, 0.0) + lower + min(down, 0.0) * 0.6) * round_gap ** (1.05 - 0.2 * purse) + 0.2

    jaw = opened * (1 - 0.15 * purse)
    return Lips(
        np.column_stack((outer_x, upper_outer)),
        np.column_stack((inner_x, upper_inner)),
        np.column_stack((inner_x, lower_inner)),
        np.column_stack((outer_x, lower_outer)),
        teeth_edge=MOUTH_Y + 4.6 - 0.9 * teeth,
        lower_teeth=MOUTH_Y + 5.4 - 1.2 * teeth + 25.0 * jaw,
        tongue_top=_tongue_top(opened, down, tongue),
        tongue_width=21.0 - 4.0 * purse - 4.0 * tongue,
        drop=JAW_DROP * jaw + 2.0 * teeth * 0.3 - 1.6 * tuck - 0.8 * press + 1.0 * tongue,
        spread=spread,
        press=press,
    )


def _tongue_top(opened: float, down: float, tongue: float) -> float:
    floor = MOUTH_Y + 7.5 + max(down, 0.0) * 0.62 + 2.0 * opened
    tip = MOUTH_Y + 4.2
    return floor + (tip - floor) * tongue


def sink(lips: Lips, x: Float, y: Float) -> Float:
    """How far the skin at x, y has sunk with the jaw, in pixels; rows as they are, not as they were."""
    share = step(y, MOUTH_Y - 4, MOUTH_Y + 36 + lips.drop)
    return (lips.drop * share).astype(np.float32)
