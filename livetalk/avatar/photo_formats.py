"""The kinds of photos that are taken, known by how their files begin."""

from __future__ import annotations

import re
from pathlib import Path

PHOTO_FORMATS = (
    (b"\xff\xd8\xff", "jpeg_pipe"),
    (b"\x89PNG\r\n\x1a\n", "png_pipe"),
    (b"RIFF....WEBP", "webp_pipe"),
)
"""how a photo's file begins, and what FFmpeg calls it"""
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


def photo_format(path: Path) -> str:
    """What FFmpeg calls this kind of photo, "" for what is none.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(16)
    return next((name for start, name in PHOTO_FORMATS if re.match(start, head, re.DOTALL)), "")


__all__ = ["PHOTO_ENDINGS", "photo_format"]
