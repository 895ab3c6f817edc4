"""The workshop: where an avatar is made, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from livetalk.creation.limits import Limits


@dataclass(frozen=True, slots=True)
class Workshop:
    """Of one avatar."""

    scratch: Path
    """an own folder for what is not kept; the caller removes it"""
    models: Path
    device: str
    limits: Limits = field(default_factory=Limits)


__all__ = ["Workshop"]
