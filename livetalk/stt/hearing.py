"""What recognisers share: a stretch of speech as one array, and the options that only one of them knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from livetalk.errors import SettingsError
from livetalk.types import Int16Array

T = TypeVar("T")


def joined(pieces: Iterable[Int16Array]) -> Int16Array:
    """(n,): all pieces one after the other."""
    whole: Int16Array = np.concatenate([np.zeros(0, np.int16), *pieces]).astype(np.int16, copy=False)
    return whole


def chosen(kind: type[T], extra: Mapping[str, Any]) -> T:
    """An options dataclass, its defaults replaced by what `stt_options` says.

    Raises:
        SettingsError: an option is unknown, or of another type than its default.
    """
    usual = kind()
    known = {each.name: getattr(usual, each.name) for each in dataclasses.fields(usual)}  # type: ignore[arg-type]
    for name, value in extra.items():
        if name not in known:
            raise SettingsError(f"stt_options: unknown option {name!r}; there are: {', '.join(known)}")
        wanted = type(known[name])
        if type(value) is not wanted:
            raise SettingsError(f"stt_options: {name} is {value!r}, and has to be of type {wanted.__name__}")
    return kind(**extra)


__all__ = ["chosen", "joined"]
