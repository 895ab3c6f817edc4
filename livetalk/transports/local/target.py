"""Targets on this computer: `camera`, `camera:NAME`, `sound:NAME`, `preview`, each with `?sound=NAME`."""

from __future__ import annotations

from dataclasses import dataclass

from livetalk.errors import OutputError

SOUND = "sound="


@dataclass(frozen=True, slots=True)
class Target:
    """What a target says; names are as they are, nothing in them is escaped."""

    kind: str
    name: str | None
    sound: str | None
    """the device that was asked for, "" for none; None where nothing was said"""


def parse(target: str) -> Target:
    """Read a target.

    Raises:
        OutputError: it asks for something else than sound.
    """
    place, mark, option = target.partition("?")
    kind, _, name = place.partition(":")
    if mark and not option.startswith(SOUND):
        raise OutputError(f"{target!r}: what stands after ? must be {SOUND}NAME, or {SOUND}none")
    sound = option.removeprefix(SOUND) if mark else None
    return Target(kind.lower(), name or None, "" if sound == "none" else sound)


__all__ = ["Target", "parse"]
