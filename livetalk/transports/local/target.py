"""Targets on this computer: `camera`, `camera:NAME?sound=NAME&size=1280x720`, `sound:NAME`, `preview`."""

from __future__ import annotations

from dataclasses import dataclass

from livetalk.errors import OutputError
from livetalk.types import parse_size


@dataclass(frozen=True, slots=True)
class Target:
    """What a target says; names are as they are, nothing in them is escaped."""

    kind: str
    name: str | None = None
    sound: str | None = None
    """the device that was asked for, "" for none; None where nothing was said"""
    size: tuple[int, int] | None = None
    """(width, height), even"""


def parse(target: str, *options: str) -> Target:
    """Read a target that may have these options.

    Raises:
        OutputError: it asks for something else, or for a size that is none.
    """
    place, mark, rest = target.partition("?")
    kind, _, name = place.partition(":")
    given: dict[str, str] = {}
    for part in rest.split("&") if mark else ():
        key, equals, value = part.partition("=")
        if key not in options or not equals or not value or key in given:
            raise OutputError(f"{target!r}: {part!r} is not understood; {_known(options)}")
        given[key] = value
    sound = given.get("sound")
    return Target(kind.lower(), name or None, "" if sound == "none" else sound, _size(given.get("size")))


def _known(options: tuple[str, ...]) -> str:
    forms = [{"sound": "sound=NAME or sound=none", "size": "size=1280x720"}[each] for each in options]
    return f"after ? may stand {', '.join(forms)}" if forms else "nothing may stand after ?"


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        return parse_size(text)
    except ValueError as error:
        raise OutputError(f"size={text}: {error}") from error


__all__ = ["Target", "parse"]
