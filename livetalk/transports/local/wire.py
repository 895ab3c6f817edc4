"""How pictures come to the process that shows them: a header, little-endian, and the picture as it is."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from livetalk.types import Picture, planes

HEAD = struct.Struct("<II")
"""width, height"""
READY = "ready"
"""the process' one line, else it says what is the matter"""


def packed(picture: Picture) -> bytes:
    """A picture on its way."""
    height, width = planes(picture)[0].shape
    return HEAD.pack(width, height) + picture.tobytes()


def pictures(source: BinaryIO) -> Iterator[Picture]:
    """What comes, until it ends."""
    while len(head := source.read(HEAD.size)) == HEAD.size:
        width, height = HEAD.unpack(head)
        rows = height * 3 // 2
        body = source.read(rows * width)
        if len(body) < rows * width:
            return
        yield np.frombuffer(body, np.uint8).reshape(rows, width)


__all__ = ["HEAD", "READY", "packed", "pictures"]
