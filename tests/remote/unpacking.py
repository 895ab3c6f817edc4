"""MessagePack, read: enough of it to see what a server would see (the MessagePack specification)."""

from __future__ import annotations

import struct
from typing import Any

_NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
_NUMBERS |= {0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_SIZES = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
_SIZES |= {0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I"}


def unpacked(content: bytes) -> Any:
    """The one value that the content is."""
    value, rest = _value(content)
    assert not rest, f"{len(rest)} bytes too many"
    return value


def _value(content: bytes) -> tuple[Any, bytes]:
    mark, rest = content[0], content[1:]
    if mark < 0x80 or mark >= 0xE0:
        return mark if mark < 0x80 else mark - 256, rest
    if mark < 0x90:
        return _mapping(mark & 15, rest)
    if mark < 0xA0:
        return _list(mark & 15, rest)
    if mark < 0xC0:
        return rest[: mark & 31].decode(), rest[mark & 31 :]
    if mark in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[mark], rest
    if mark in _NUMBERS:
        size = struct.calcsize(_NUMBERS[mark])
        return struct.unpack(_NUMBERS[mark], rest[:size])[0], rest[size:]
    width = struct.calcsize(_SIZES[mark])
    (size,), rest = struct.unpack(_SIZES[mark], rest[:width]), rest[width:]
    if mark in (0xDC, 0xDD):
        return _list(size, rest)
    if mark in (0xDE, 0xDF):
        return _mapping(size, rest)
    assert len(rest) >= size
    return (rest[:size] if mark < 0xD0 else rest[:size].decode()), rest[size:]


def _list(size: int, rest: bytes) -> tuple[list[Any], bytes]:
    values = []
    for _ in range(size):
        value, rest = _value(rest)
        values.append(value)
    return values, rest


def _mapping(size: int, rest: bytes) -> tuple[dict[Any, Any], bytes]:
    parts, rest = _list(2 * size, rest)
    return dict(zip(parts[::2], parts[1::2], strict=True)), rest


__all__ = ["unpacked"]
