"""A piece of decoded sound, and how samples of all kinds become one channel of 16 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livetalk.errors import ProviderError
from livetalk.types import Int16Array

LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
"""Hz"""
MOST_CHANNELS = 8


@dataclass(frozen=True, slots=True)
class Sound:
    """Some sound, as its stream has it."""

    samples: Int16Array
    """(n,), mono"""
    rate: int
    """Hz"""


def mono(samples: npt.NDArray[Any]) -> Int16Array:
    """(n,) of (n, channels): their mean; floats are taken to be within -1 and 1."""
    if samples.dtype.kind == "f":
        mixed = samples.astype(np.float64).mean(axis=1) * 32768
        level: Int16Array = np.clip(np.nan_to_num(np.rint(mixed)), -32768, 32767).astype(np.int16)
        return level
    if samples.dtype == np.int32:
        samples = samples >> 16
    if samples.shape[1] == 1:
        only: Int16Array = samples[:, 0].astype(np.int16, copy=False)
        return only
    mean: Int16Array = (samples.sum(axis=1, dtype=np.int32) // samples.shape[1]).astype(np.int16)
    return mean


def checked(rate: int, channels: int) -> None:
    """Refuse what no voice has.

    Raises:
        ProviderError: the rate or the number of channels is out of all reason.
    """
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise unreadable(f"a rate of {rate} Hz is that of no voice")
    if not 1 <= channels <= MOST_CHANNELS:
        raise unreadable(f"{channels} channels are not read, 1 to {MOST_CHANNELS} are")


def unreadable(why: str) -> ProviderError:
    """The error of what is no sound."""
    return ProviderError(f"the sound cannot be read: {why}", retryable=False)


__all__ = ["Sound", "checked", "mono", "unreadable"]
