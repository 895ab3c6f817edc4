"""Waiting for what tells nobody."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_S = 30.0
SOONEST_S, LATEST_S = 0.001, 0.05
"""between two looks: ever longer, since some is over at once and some costs much to look at"""


def until(happened: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Wait for it, but not for ever."""
    end, look_s = time.monotonic() + limit_s, SOONEST_S
    while not happened():
        assert time.monotonic() < end, f"it did not come to that within {limit_s:g} s"
        time.sleep(look_s)
        look_s = min(2 * look_s, LATEST_S)


__all__ = ["LIMIT_S", "until"]
