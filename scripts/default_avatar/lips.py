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
_ARCH = np.sqrt(1 - _T**2)
"""half a circle over it"""


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
    """pixels that the chin hangs lower than at rest; never higher: a mouth can only add skin to a frame"""
    spread: float
    tongue: float

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


@dataclass(frozen=True, slots=True)
class _Form:
    """A form's numbers, its spread split in two."""

    opened: float
    wide: float
    purse: float
    press: float
    tuck: float
    tongue: float
    teeth: float

    def half(self) -> float:
        """Pixels from the middle of the mouth to a corner."""
        narrow = 0.13 * self.opened * (1 - 0.4 * self.purse)
        return 33.2 * (1 + 0.18 * self.wide - 0.37 * self.purse - narrow - 0.03 * self.press)

    def ends(self) -> Curve:
        """How far the corners are lifted, along the mouth; at rest they smile."""
        rise = 7.8 * (1 - self.purse) + 2.2 * self.wide - 1.5 * self.press
        rise -= 7.0 * self.opened * (1 - 0.5 * self.wide)
        return np.asarray(-rise * np.abs(_T) ** 2.2)

    def up(self) -> float:
        """Pixels that the upper lip is lifted."""
        shown = self.teeth * (4.0 - 1.5 * self.purse)
        return 3.6 * self.opened + 4.4 * self.tuck + shown + self.purse**2 + 0.6 * self.tongue

    def down(self) -> float:
        """Pixels that the lower lip is lowered."""
        shown = 5.0 * self.teeth * (1 - 0.6 * min(1.0, 2.5 * self.opened))
        licked = 7.0 * self.tongue * (1 - min(1.0, 3.0 * self.opened))
        jaw = 32 * self.opened * (1 - 0.22 * self.purse)
        return max(jaw + shown + licked + 2.6 * self.purse**2 - 0.2 * self.tuck, 0.02 - self.up())

    def upper(self) -> float:
        """Thickness of the upper lip."""
        thin = 0.38 * self.press + 0.16 * self.wide + 0.15 * self.opened + 0.15 * self.tuck + 0.1 * self.teeth
        return 7.6 * (1 - thin + 0.32 * self.purse)

    def lower(self) -> float:
        """Thickness of the lower lip."""
        thin = 0.36 * self.press + 0.14 * self.wide + 0.10 * self.opened + 0.50 * self.tuck
        return 11.2 * (1 - thin + 0.12 * self.purse)

    def tongue_top(self) -> float:
        """y of the tongue, between the floor of the mouth and the upper teeth."""
        floor = MOUTH_Y + 7.5 + max(self.down(), 0.0) * (0.62 - 0.22 * self.opened) + 2.0 * self.opened
        tip = MOUTH_Y + 2.6
        return floor + (tip - floor) * self.tongue


def lips_of(form: npt.ArrayLike) -> Lips:
    """The curves for a form: open, spread, press, tuck, tongue, teeth."""
    opened, spread, press, tuck, tongue, teeth = (float(value) for value in np.asarray(form))
    made = _Form(opened, max(spread, 0.0), max(-spread, 0.0), press, tuck, tongue, teeth)
    jaw = opened * (1 - 0.15 * made.purse)
    upper_outer, lower_outer = _outer(made)
    upper_inner, lower_inner = _inner(made)
    return Lips(
        upper_outer,
        upper_inner,
        lower_inner,
        lower_outer,
        teeth_edge=MOUTH_Y + 4.6 - 0.9 * teeth - 4.0 * tuck - 0.8 * tongue - 3.4 * made.purse,
        lower_teeth=MOUTH_Y + 5.4 - 1.2 * teeth + 25.0 * jaw,
        tongue_top=made.tongue_top(),
        tongue_width=21.0 - 4.0 * made.purse - 4.0 * tongue,
        drop=JAW_DROP * jaw + 0.6 * teeth + 1.0 * tongue,
        spread=spread,
        tongue=tongue,
    )


def _hill(place: float, size: float) -> Curve:
    """A soft hill along one half of the mouth, the same on the other."""
    return np.asarray(np.exp(-(((np.abs(_T) - place) / size) ** 2)))


def _inner(form: _Form) -> tuple[Curve, Curve]:
    """Where the upper and the lower lip end at the opening; one line when the mouth is shut."""
    rest = max(0.0, 1 - 2.2 * form.opened) * (1 - form.purse)
    line = MOUTH_Y + form.ends() + rest * (_hill(0.0, 0.18) - 0.8 * _hill(0.40, 0.2))
    line -= 1.2 * form.press * (1 - _T**2)
    sharp = 1.0 - 0.45 * min(1.0, form.opened + form.purse)
    upper = line - form.up() * _ARCH ** (1.0 + 0.9 * sharp)
    lower = np.maximum(line + form.down() * _ARCH ** (1.0 + 0.5 * sharp), upper)
    x = CENTER_X + (form.half() - 0.6 - 5.5 * form.purse) * _T
    return np.column_stack((x, upper)), np.column_stack((x, lower))


def _outer(form: _Form) -> tuple[Curve, Curve]:
    """Where the lips end at the skin."""
    soft = max(0.0, 1 - 2.5 * form.opened) * (1 - form.purse)
    bow = 1.0 - 0.75 * form.purse
    peaks = 1 + bow * (0.16 * _hill(0.25, 0.16) - 0.13 * _hill(0.0, 0.11))
    body = _ARCH ** (1.25 - 0.45 * form.purse + 0.12 * soft)
    body *= 1 - 0.10 * bow * np.sin(np.pi * np.abs(_T)) ** 2
    edge = MOUTH_Y + form.ends() * 0.98
    upper = edge - (form.up() + form.upper() * peaks) * body - 0.2
    down = form.down()
    sunk = max(down, 0.0) + 0.6 * min(down, 0.0) + form.lower()
    lower = edge + sunk * _ARCH ** (1.05 - 0.2 * form.purse + 0.75 * soft) + 0.2
    x = CENTER_X + form.half() * _T
    return np.column_stack((x, upper)), np.column_stack((x, lower))


def sink(lips: Lips, x: Float, y: Float) -> Float:
    """How far the skin at x, y has sunk with the jaw, in pixels; rows as they are, not as they were."""
    share = step(y, MOUTH_Y - 4, MOUTH_Y + 36 + lips.drop)
    return (lips.drop * share).astype(np.float32)
