"""How measured values are told: their middle and their worst."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Many values in five numbers; milliseconds unless its field's name says otherwise."""

    count: int
    min: float
    median: float
    p99: float
    max: float


def spread(values: Iterable[float]) -> Spread | None:
    """Sum values up; None when there are none. p99 is the value that 99 % do not pass (interpolated)."""
    array = np.array(list(values), np.float64)
    if not len(array):
        return None
    low, median, p99, high = (round(float(value), 2) for value in np.percentile(array, [0, 50, 99, 100]))
    return Spread(len(array), low, median, p99, high)
