"""Whether pictures carry the watermark, which payload, and how likely such a finding is by chance.

The bound holds whatever the pictures are, however alike those of a clip; its chance is that of the key,
whose dithers are independent and uniform. For one direction, a picture without the mark has a phase of
uniform distribution, and the moment generating function of cos(2 phase) is I0(s) <= exp(s^2 / 4); by
convexity that holds for a mean over pictures, too. So the sum over n directions satisfies
P(sum >= t) <= exp(-t^2 / n) (Chernoff). Shifting a dither by half a step turns a code bit's sign and leaves
that sum alone, so a decoded word is uniform and independent of it: the CRC fits by chance with 2^-16. Each
view of a clip is one more trial.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from livetalk.marking.code import CODE_BITS, CRC_BITS, Soft, decode
from livetalk.marking.watermark import STEP, Directions, Luma, directions
from livetalk.types import frozen

CERTAIN = 1e-6
"""chance up to which a clip counts as marked"""
BLACK = 20
"""luma of a bar, at the most"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in a clip."""

    payload: int | None
    """None where it cannot be read"""
    chance: float
    """of such a finding in a clip without a mark, at the most"""
    strength: float
    """from 0, no trace of a mark, to 1, an untouched one"""
    pictures: int

    @property
    def certain(self) -> bool:
        """Whether that is no chance."""
        return self.chance <= CERTAIN


class Detector:
    """Takes a clip's pictures one by one."""

    def __init__(self, key: Directions | None = None) -> None:
        self._directions = key or directions()
        self._views: dict[str, _View] = {}
        self._pictures = 0

    def add(self, luma: Luma, key_frame: bool) -> None:
        """Look at one more picture, (height, width); the bars around it are cut off in a view of its own."""
        self._pictures += 1
        inner = _within_bars(luma)
        kinds = ("all", "key frames") if key_frame else ("all",)
        whole = self._phases(luma)
        cut = whole if inner.shape == luma.shape else self._phases(inner)
        for kind in kinds:
            self._view(kind).add(whole)
            self._view(f"{kind}, without bars").add(cut)

    def finding(self) -> Finding:
        """The best of all views so far."""
        best = Finding(None, 1.0, 0.0, self._pictures)
        for view in self._views.values():
            agreement = max(0.0, view.agreement())
            payload = decode(view.bits())
            chance = len(self._views) * math.exp(-(agreement**2) / CODE_BITS)
            if payload is not None:
                chance *= 2.0**-CRC_BITS
            if chance < best.chance:
                best = Finding(payload, chance, agreement / CODE_BITS, self._pictures)
        return best

    def _phases(self, luma: Luma) -> Soft:
        steps = self._directions.project(luma) / STEP - self._directions.dither
        return frozen(2 * np.pi * steps.astype(np.float64))

    def _view(self, name: str) -> _View:
        return self._views.setdefault(name, _View())


class _View:
    """Some of a clip's pictures, cut in some way."""

    def __init__(self) -> None:
        self._count = 0
        self._once = np.zeros(CODE_BITS)
        self._twice = np.zeros(CODE_BITS)

    def add(self, phases: Soft) -> None:
        self._count += 1
        self._once += np.cos(phases)
        self._twice += np.cos(2 * phases)

    def bits(self) -> Soft:
        """Soft code bits."""
        return frozen(self._once / self._count)

    def agreement(self) -> float:
        """The sum over directions: how near their projections are to any lattice's points."""
        return float(self._twice.sum() / self._count)


def _within_bars(luma: Luma) -> Luma:
    rows = np.flatnonzero(luma.max(axis=1) > BLACK)
    columns = np.flatnonzero(luma.max(axis=0) > BLACK)
    if not len(rows) or not len(columns):
        return luma
    return luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def found_in(pictures: Iterable[tuple[Luma, bool]]) -> Finding:
    """What is found in luma planes, each with whether it is a key frame."""
    detector = Detector()
    for luma, key_frame in pictures:
        detector.add(luma, key_frame)
    return detector.finding()


__all__ = ["Detector", "Finding", "found_in"]
