"""Marking: what is done to each picture of a clip or a session before anybody gets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from livetalk.marking.code import parse_payload
from livetalk.marking.label import Label
from livetalk.marking.watermark import Watermark
from livetalk.types import Picture, frozen

Mark: TypeAlias = Callable[[Picture], Picture]
"""gives a marked copy; a picture may be shared, and is never written to"""


def unmarked(picture: Picture) -> Picture:
    """Leave it as it is."""
    return picture


def make_mark(label: str, label_font: Path | None, watermark: str) -> Mark:
    """What the settings ask for: a label, a watermark over it, both, or nothing ("" and "").

    Raises:
        SettingsError: it cannot be drawn; says what to do.
    """
    draws: list[Callable[[Picture], None]] = []
    if label:
        draws.append(Label(label, label_font).draw)
    if watermark:
        draws.append(Watermark(parse_payload(watermark)).draw)
    if not draws:
        return unmarked

    def mark(picture: Picture) -> Picture:
        marked = picture.copy()
        for draw in draws:
            draw(marked)
        return frozen(marked)

    return mark


__all__ = ["Mark", "make_mark", "unmarked"]
