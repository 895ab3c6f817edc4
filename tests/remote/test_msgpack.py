from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.remote.msgpack import packed
from tests.remote.unpacking import unpacked

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20)
)


@given(VALUES)
def test_what_is_packed_is_read_as_what_it_was(value: Any) -> None:
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (None, b"\xc0"),
        (False, b"\xc2"),
        (True, b"\xc3"),
        (127, b"\x7f"),
        (-32, b"\xe0"),
        (-33, b"\xd3" + struct.pack(">q", -33)),
        (128, b"\xd3" + struct.pack(">q", 128)),
        ((1 << 64) - 1, b"\xcf" + b"\xff" * 8),
        (1.5, b"\xcb\x3f\xf8" + bytes(6)),
        ("a" * 31, b"\xbf" + b"a" * 31),
        ("a" * 32, b"\xd9\x20" + b"a" * 32),
        ("a" * 256, b"\xda\x01\x00" + b"a" * 256),
        (b"", b"\xc4\x00"),
        (bytes(256), b"\xc5\x01\x00" + bytes(256)),
        (bytes(1 << 16), b"\xc6\x00\x01\x00\x00" + bytes(1 << 16)),
        ([1] * 15, b"\x9f" + b"\x01" * 15),
        ([1] * 16, b"\xdc\x00\x10" + b"\x01" * 16),
        ([1] * (1 << 16), b"\xdd\x00\x01\x00\x00" + b"\x01" * (1 << 16)),
        ({"a": [{}]}, b"\x81\xa1a\x91\x80"),
    ],
)
def test_each_kind_is_written_as_the_specification_has_it(value: Any, content: bytes) -> None:
    assert packed(value) == content


@pytest.mark.parametrize("size", [15, 16, 65_535, 65_536])
def test_mappings_of_all_sizes_are_read_as_what_they_were(size: int) -> None:
    value = {str(number): number for number in range(size)}
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize(("value", "error"), [(object(), TypeError), (1 << 64, OverflowError)])
def test_what_cannot_be_packed_is_an_error(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        packed(value)
