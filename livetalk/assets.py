"""Where the files that come with livetalk are: the page, the weights, the avatars."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def asset(name: str) -> Path:
    """A folder that ships with livetalk: beside the package in a checkout, inside it when installed."""
    inside = PACKAGE / "assets" / name
    return inside if inside.is_dir() else PACKAGE.parent / name
