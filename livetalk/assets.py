"""Where the files that come with livetalk are: the page, the weights, the avatars."""

from __future__ import annotations

import shlex
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def asset(name: str) -> Path:
    """A folder that ships with livetalk: beside the package in a checkout, inside it when installed."""
    inside = PACKAGE / "assets" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def flag_for(name: str, folder: Path, usual: Path) -> str:
    """What a command has to be given, with a space before it, to find a folder that is not the usual one."""
    return "" if folder == usual else f" {name} {shlex.quote(str(folder))}"
