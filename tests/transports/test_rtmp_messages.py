from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.errors import OutputError
from livetalk.transports.rtmp.amf import Value, decode, encode
from livetalk.transports.rtmp.chunks import CHUNK, FIRST_CHUNK, LARGEST, ChunkReader, Kind, Message, chunked
from livetalk.transports.rtmp.flv import FILE_HEAD, TAIL, FlvTags

SET_CHUNK = chunked(Message(Kind.CHUNK_SIZE, CHUNK.to_bytes(4, "big")))
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
KINDS = st.sampled_from([Kind.SOUND, Kind.PICTURE, Kind.DATA, Kind.COMMAND])
MESSAGES = st.builds(Message, KINDS, st.binary(max_size=3 * CHUNK), st.just(0), st.integers(0, 2**32 - 1))


@given(st.lists(VALUES, max_size=5))
def test_values_come_back_as_they_were(values: list[Value]) -> None:
    assert decode(encode(*values)) == values


@given(st.binary(max_size=200))
def test_what_is_no_amf_is_refused_and_nothing_else_happens(payload: bytes) -> None:
    with suppress(OutputError):
        decode(payload)


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (b"\x08\0\0\0\1\0\1a\5\0\0\x09", {"a": None}),
        (b"\x0c\0\0\0\4word", "word"),
        (b"\x0b" + struct.pack(">dh", 1.5, 0), 1.5),
        (b"\6", None),
    ],
    ids=["map", "long text", "date", "undefined"],
)
def test_values_that_only_servers_send_are_read(sent: bytes, value: Value) -> None:
    assert decode(sent + encode("next")) == [value, "next"]


def test_values_within_values_end_somewhere() -> None:
    with pytest.raises(OutputError, match="no RTMP"):
        decode(b"\x0a\0\0\0\1" * 100_000)


@given(st.lists(MESSAGES, max_size=4), st.sampled_from([0, 5_000, 0xFFFFFE, 0xFFFFFF, 2**32 - 1]), st.data())
def test_messages_come_back_however_they_are_cut(
    messages: list[Message], time: int, data: st.DataObject
) -> None:
    timed = [Message(each.kind, each.payload, time, each.stream) for each in messages]
    sent = SET_CHUNK + b"".join(chunked(each) for each in timed)
    reader = ChunkReader()
    got = []
    while sent:
        length = data.draw(st.integers(1, len(sent)))
        got += list(reader.push(sent[:length]))
        sent = sent[length:]
    assert got == messages


@pytest.mark.parametrize("time", [0, 0xFFFFFE, 0xFFFFFF, 2**32 - 1])
@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_long_message_carries_its_time_in_each_of_its_chunks(time: int, length: int) -> None:
    payload = bytes(range(256)) * (length // 256 + 1)
    sent = chunked(Message(Kind.PICTURE, payload[:length], time, 1))
    assert list(ChunkReader().push(SET_CHUNK + sent)) == [Message(Kind.PICTURE, payload[:length], stream=1)]


@given(st.binary(max_size=500))
def test_what_is_no_rtmp_is_refused_or_waits_for_more(received: bytes) -> None:
    with suppress(OutputError):
        list(ChunkReader().push(received))


def test_a_message_of_any_length_is_not_waited_for() -> None:
    begin = b"\x03\0\0\0" + (LARGEST + 1).to_bytes(3, "big") + b"\x14\0\0\0\0"
    with pytest.raises(OutputError, match="no RTMP"):
        list(ChunkReader().push(begin))


def test_a_head_in_mid_message_that_makes_it_shorter_is_refused() -> None:
    head = b"\x03\0\0\0%b\x14\0\0\0\0"
    reader = ChunkReader()
    assert list(reader.push(head % b"\0\0\xff" + bytes(128))) == []
    with pytest.raises(OutputError, match="no RTMP"):
        list(reader.push(head % b"\0\0\x10"))


def head(stream: int, length: int) -> bytes:
    """Of a message that begins."""
    return bytes([stream]) + b"\0\0\0" + length.to_bytes(3, "big") + b"\x14\0\0\0\0"


def test_messages_that_never_become_whole_are_not_kept_without_end() -> None:
    reader = ChunkReader()
    list(reader.push(chunked(Message(Kind.CHUNK_SIZE, (LARGEST // 2).to_bytes(4, "big")))))
    assert list(reader.push(head(3, LARGEST) + bytes(LARGEST // 2))) == []
    with pytest.raises(OutputError, match="no RTMP"):
        list(reader.push(head(4, LARGEST) + bytes(LARGEST // 2)))


def test_a_message_that_was_given_up_makes_room() -> None:
    reader = ChunkReader()
    for _ in range(LARGEST // FIRST_CHUNK + 1):
        abort = chunked(Message(Kind.ABORT, (3).to_bytes(4, "big")))
        assert list(reader.push(head(3, FIRST_CHUNK + 1) + bytes(FIRST_CHUNK) + abort)) == []


def test_a_message_in_chunks_of_a_byte_comes_whole() -> None:
    size = chunked(Message(Kind.CHUNK_SIZE, (1).to_bytes(4, "big")))
    length = 20_000
    (got,) = ChunkReader().push(size + head(3, length) + b"a" + b"\xc3a" * (length - 1))
    assert got.payload == b"a" * length


def test_short_heads_repeat_what_the_last_one_said() -> None:
    first = b"\x03\0\0\1\0\0\2\x14\7\0\0\0ab"
    same_stream, same_length, same_all = b"\x43\0\0\1\0\0\2\x14cd", b"\x83\0\0\1ef", b"\xc3gh"
    got = list(ChunkReader().push(first + same_stream + same_length + same_all))
    assert [each.payload for each in got] == [b"ab", b"cd", b"ef", b"gh"]
    assert {(each.kind, each.stream) for each in got} == {(Kind.COMMAND, 7)}


def test_a_message_that_is_broken_off_is_forgotten() -> None:
    part = b"\x03\0\0\1\0\x01\x00\x14\7\0\0\0" + bytes(128)
    stop = chunked(Message(Kind.ABORT, b"\0\0\0\3"))
    whole = b"\x03\0\0\1\0\0\2\x14\7\0\0\0ab"
    assert [each.payload for each in ChunkReader().push(part + stop + whole)] == [b"ab"]


def test_chunks_of_no_bytes_are_not_waited_for_without_end() -> None:
    none = chunked(Message(Kind.CHUNK_SIZE, bytes(4)))
    parts = b"\x03\0\0\1\0\0\2\x14\7\0\0\0a" + b"\xc3b"
    assert [each.payload for each in ChunkReader().push(none + parts)] == [b"ab"]


@pytest.mark.parametrize("kind", [Kind.SOUND, Kind.PICTURE])
def test_tags_keep_their_time_up_to_its_fourth_byte(kind: Kind) -> None:
    tags = FlvTags()
    tags.write(bytes(FILE_HEAD) + bytes([kind]) + b"\0\0\4" + b"\2\3\4\1" + bytes(3) + b"body")
    assert tags.take() == [], "its length comes behind it"
    tags.write(bytes(TAIL))
    assert tags.take() == [Message(kind, b"body", 0x01020304)]


@pytest.mark.parametrize("number", [b"\x00\x10", b"\x01\x10\x20"])
def test_chunk_streams_may_have_large_numbers(number: bytes) -> None:
    (got,) = ChunkReader().push(number + b"\0\0\1\0\0\2\x14\7\0\0\0ab")
    assert got == Message(Kind.COMMAND, b"ab", stream=7)
