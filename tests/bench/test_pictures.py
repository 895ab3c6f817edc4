from __future__ import annotations

import pytest

from bench.packets import Packet, StreamLog, place
from bench.pictures import Picture, assemble, is_key
from tests.bench.bench_streams import packet


def _three_pictures(leave_out: tuple[int, ...]) -> list[Picture]:
    """Three pictures of three packets each, whose sequence numbers wrap in the second."""
    packets = [
        packet(65_532 + number, number // 3 * 3600, arrived_s=float(number), marker=number % 3 == 2)
        for number in range(9)
        if number not in leave_out
    ]
    return assemble(place(StreamLog(packets)).packets)


def test_a_picture_arrives_with_its_last_packet() -> None:
    assert [picture.arrived_s for picture in _three_pictures(())] == [2.0, 5.0, 8.0]


def test_a_picture_with_a_hole_in_its_middle_is_not_whole() -> None:
    assert [picture.arrived_s for picture in _three_pictures((4,))] == [2.0, 8.0]


def test_a_packet_lost_between_two_pictures_spoils_the_one_it_may_have_begun() -> None:
    assert [picture.arrived_s for picture in _three_pictures((3,))] == [2.0, 8.0]


def test_a_lost_last_packet_spoils_its_own_picture_and_the_next_which_it_may_have_begun() -> None:
    assert [picture.arrived_s for picture in _three_pictures((5,))] == [2.0]


def test_a_packet_sent_again_moves_its_pictures_arrival() -> None:
    packets = [packet(0, 0, 0.0, False), packet(2, 0, 0.2), packet(3, 3600, 0.3), packet(1, 0, 0.4, False)]

    pictures = assemble(place(StreamLog(packets)).packets)

    assert [picture.arrived_s for picture in pictures] == [0.4, 0.3]


def test_without_markers_the_next_packet_ends_a_picture() -> None:
    packets = [packet(number, number * 3600, float(number), marker=False) for number in range(3)]

    assert [picture.arrived_s for picture in assemble(place(StreamLog(packets)).packets)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("codec", "encoded", "expected"),
    [
        ("VP8", b"\x00\x00", True),
        ("VP8", b"\x01\x00", False),
        ("H264", b"\0\0\0\x01\x67\x42\0\0\0\x01\x68\xce\0\0\0\x01\x65\x88", True),
        ("H264", b"\0\0\0\x01\x61\xe0", False),
    ],
)
def test_key_pictures_are_told_from_others(codec: str, encoded: bytes, expected: bool) -> None:
    assert is_key(codec, encoded) is expected


def test_h264_fragments_are_joined_to_one_picture() -> None:
    fragments = [b"\x7c\x85ab", b"\x7c\x05cd", b"\x7c\x45ef"]
    packets = [
        Packet(0.0, 7, number, 0, number == 2, payload, "H264") for number, payload in enumerate(fragments)
    ]

    (picture,) = assemble(place(StreamLog(packets)).packets)

    assert picture.encoded == b"\0\0\0\x01\x65abcdef"
    assert picture.key
