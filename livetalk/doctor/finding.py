"""What a check says of one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from livetalk.settings import Settings


class Mark(Enum):
    """How it stands; the words of a report."""

    OK = "ok"
    WARN = "warn"
    """it works, though not as well, or not for everybody"""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report; no secret in it."""

    name: str
    mark: Mark
    found: str
    todo: str = ""
    """what to do, where there is something"""


Look: TypeAlias = Callable[[Settings], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at."""

    name: str
    """for when it finds nothing, because it fails or takes too long"""
    look: Look


__all__ = ["Check", "Finding", "Look", "Mark"]
