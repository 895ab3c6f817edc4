from __future__ import annotations

import pytest

from bench.packets import Packet, SenderReport, StreamLog, place, unwrap
from tests.bench.bench_streams import packet


@pytest.mark.parametrize(
    ("value", "near", "expected"),
    [(5, 3, 5), (2, 65_534, 65_538), (65_534, 65_538, 65_534), (0, 131_070, 131_072)],
)
def test_unwrap_finds_the_closest_number_with_those_low_bits(value: int, near: int, expected: int) -> None:
    assert unwrap(value, near, 16) == expected


def test_sequence_numbers_and_timestamps_go_on_past_their_wraps() -> None:
    log = StreamLog([packet(65_530 + n, 2**32 - 10_000 + n * 3600) for n in range(20)])

    stream = place(log)

    assert [item.sequence - stream.packets[0].sequence for item in stream.packets] == list(range(20))
    assert [item.timestamp - stream.packets[0].timestamp for item in stream.packets] == [
        n * 3600 for n in range(20)
    ]
    assert stream.lost == 0


def test_holes_are_counted_across_a_wrap() -> None:
    log = StreamLog([packet(65_530 + n, n * 3600) for n in range(20) if n not in (3, 6, 7)])

    assert place(log).lost == 3


def test_a_packet_that_comes_late_finds_its_place_and_counts_as_repaired() -> None:
    order = [0, 1, 3, 2, 4]
    stream = place(StreamLog([packet(65_534 + n, n * 3600, arrived_s=float(n)) for n in order]))

    assert [item.packet.arrived_s for item in stream.packets] == [0, 1, 2, 3, 4]
    assert (stream.lost, stream.repaired) == (0, 1)


def test_a_packet_older_than_the_first_keeps_its_place_before_it() -> None:
    stream = place(StreamLog([packet(0, 3600), packet(65_535, 0), packet(1, 7200)]))

    assert [item.packet.sequence for item in stream.packets] == [65_535, 0, 1]
    assert stream.lost == 0


def test_of_a_packet_that_comes_twice_the_first_arrival_counts() -> None:
    stream = place(StreamLog([packet(0, 0, 1.0), packet(1, 3600, 2.0), packet(0, 0, 3.0)]))

    assert [item.packet.arrived_s for item in stream.packets] == [1.0, 2.0]
    assert stream.repaired == 0


def test_reports_share_the_packets_endless_timestamps() -> None:
    log = StreamLog([packet(n, 2**32 - 3600 + n * 3600) for n in range(4)])
    log.reports.append(SenderReport(0.0, 7, 100.0, 3600))
    log.reports.append(SenderReport(0.0, 99, 100.0, 0))

    stream = place(log)

    assert [report.timestamp - stream.packets[0].timestamp for report in stream.reports] == [7200]


def test_an_empty_log_is_an_empty_stream() -> None:
    assert place(StreamLog()).packets == ()


def test_packets_of_a_lesser_source_are_left_out() -> None:
    stray = Packet(0.0, 8, 500, 0, True, b"\x10\x00", "VP8")

    assert place(StreamLog([packet(0, 0), stray, packet(1, 3600)])).lost == 0
