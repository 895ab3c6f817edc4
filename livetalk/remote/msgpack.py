"""MessagePack, written: what JSON can say, and bytes (the MessagePack specification, 2013 and later)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any


def packed(value: Any) -> bytes:
    """A value as MessagePack: None, numbers, texts, bytes, lists and mappings of these.

    Raises:
        TypeError: the value is something else.
        OverflowError: a number of more than 64 bits.
    """
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        content = value.encode()
        return _head(len(content), (0xA0, 31), (0xD9, 0xDA, 0xDB)) + content
    if isinstance(value, bytes):
        return _head(len(value), None, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, (list, tuple)):
        return _head(len(value), (0x90, 15), (None, 0xDC, 0xDD)) + b"".join(map(packed, value))
    if isinstance(value, Mapping):
        items = b"".join(packed(part) for item in value.items() for part in item)
        return _head(len(value), (0x80, 15), (None, 0xDE, 0xDF)) + items
    raise TypeError(f"{type(value).__name__} cannot be packed")


def _integer(value: int) -> bytes:
    if -32 <= value < 0:
        return struct.pack(">b", value)
    if 0 <= value < 128:
        return struct.pack(">B", value)
    if not -(1 << 63) <= value < 1 << 64:
        raise OverflowError(f"{value} has more than 64 bits")
    return struct.pack(">Bq", 0xD3, value) if value < 1 << 63 else struct.pack(">BQ", 0xCF, value)


def _head(size: int, short: tuple[int, int] | None, marks: tuple[int | None, int, int]) -> bytes:
    """The mark of a kind with its size: within the mark up to `short`'s limit, else behind one of `marks`."""
    if short is not None and size <= short[1]:
        return bytes([short[0] | size])
    if marks[0] is not None and size < 1 << 8:
        return struct.pack(">BB", marks[0], size)
    if size < 1 << 16:
        return struct.pack(">BH", marks[1], size)
    return struct.pack(">BI", marks[2], size)


__all__ = ["packed"]
