"""AMF0: the values of RTMP's commands (Adobe, Action Message Format AMF 0, 2007)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias, Union

from livetalk.errors import OutputError

Value: TypeAlias = Union[float, bool, str, "Mapping[str, Value]", "list[Value]", None]

NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED = 0, 1, 2, 3, 5, 6
MAP, OBJECT_END, LIST, DATE, LONG_STRING = 8, 9, 10, 11, 12
DEEPEST = 16
"""values within values"""


def encode(*values: Value) -> bytes:
    """One value after the other."""
    return b"".join(_encode(value) for value in values)


def decode(payload: bytes) -> list[Value]:
    """All values of a message.

    Raises:
        OutputError: this is no AMF0.
    """
    reader = _Reader(payload)
    values = []
    try:
        while reader.at < len(payload):
            values.append(reader.value(DEEPEST))
    except (struct.error, UnicodeDecodeError) as error:
        raise OutputError("it answers with what is no RTMP") from error
    return values


def _encode(value: Value) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, float | int):
        return struct.pack(">Bd", NUMBER, value)
    if isinstance(value, str):
        return bytes([STRING]) + _name(value)
    if isinstance(value, list):
        return struct.pack(">BI", LIST, len(value)) + encode(*value)
    fields = b"".join(_name(name) + _encode(one) for name, one in value.items())
    return bytes([OBJECT]) + fields + _name("") + bytes([OBJECT_END])


def _name(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


class _Reader:
    """Stands somewhere in a message."""

    def __init__(self, payload: bytes) -> None:
        self.at = 0
        self._payload = payload

    def value(self, depth: int) -> Value:
        kind = self._number(">B")
        if kind == NUMBER:
            return float(self._number(">d"))
        if kind == BOOLEAN:
            return bool(self._number(">B"))
        if kind in (STRING, LONG_STRING):
            return self._text(">H" if kind == STRING else ">I")
        if kind in (NULL, UNDEFINED):
            return None
        if kind == DATE:
            return float(self._number(">dh"))
        if not depth or kind not in (OBJECT, MAP, LIST):
            raise OutputError("it answers with what is no RTMP")
        if kind == LIST:
            return [self.value(depth - 1) for _ in range(int(self._number(">I")))]
        if kind == MAP:
            self._number(">I")
        return self._fields(depth - 1)

    def _fields(self, depth: int) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        while (name := self._text(">H")) or self._payload[self.at : self.at + 1] != bytes([OBJECT_END]):
            fields[name] = self.value(depth)
        self.at += 1
        return fields

    def _text(self, length: str) -> str:
        (text,) = struct.unpack_from(f"{int(self._number(length))}s", self._payload, self.at)
        self.at += len(text)
        return str(text, "utf-8")

    def _number(self, layout: str) -> float:
        number, *_ = struct.unpack_from(layout, self._payload, self.at)
        self.at += struct.calcsize(layout)
        return float(number) if isinstance(number, float) else int(number)


__all__ = ["Value", "decode", "encode"]
