from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.transports.webrtc.reorder import HELD, MOST_LOST, Reorder


def fed(*numbers: int) -> list[int | None]:
    """What comes out of packets that are their own numbers."""
    reorder: Reorder[int] = Reorder()
    return [out for number in numbers for out in reorder.push(number, number)]


def test_what_is_in_order_comes_at_once() -> None:
    reorder: Reorder[str] = Reorder()
    assert [[*reorder.push(number, "x")] for number in (7, 8, 9)] == [["x"], ["x"], ["x"]]


def test_what_was_overtaken_is_waited_for() -> None:
    assert fed(1, 3, 4, 2, 5) == [1, 2, 3, 4, 5]


def test_a_lost_packet_is_told_once_enough_wait_and_holds_up_nothing_after_it() -> None:
    reorder: Reorder[int] = Reorder()
    came = [[*reorder.push(number, number)] for number in (1, 3, 4, 5, 6, 7)]
    assert came == [[1], [], [], [], [None, 3, 4, 5, 6], [7]]
    assert HELD == 3


def test_two_that_came_twice_or_too_late_are_left_out() -> None:
    assert fed(1, 2, 2, 1, 3) == [1, 2, 3]
    assert fed(1, 3, 4, 5, 6, 2, 7) == [1, None, 3, 4, 5, 6, 7]


def test_numbers_go_round() -> None:
    assert fed(65534, 65535, 1, 0, 2) == [65534, 65535, 0, 1, 2]


def test_a_sender_that_begins_anew_is_followed() -> None:
    assert fed(1, 2, 30000, 30001) == [1, 2, 30000, 30001]
    assert fed(40000, 40001, 5, 6) == [40000, 40001, 5, 6]


@pytest.mark.parametrize("lost", [1, MOST_LOST, MOST_LOST + 1, MOST_LOST + HELD, 100])
def test_a_hole_is_told_packet_by_packet_or_is_a_pause_and_nothing_after_it_is_lost(lost: int) -> None:
    after = [*range(3 + lost, 3 + lost + HELD + 2)]
    told = [None] * lost if lost <= MOST_LOST else []
    assert fed(1, 2, *after) == [1, 2, *told, *after]


def test_what_is_seconds_late_is_left_out_and_what_is_further_back_begins_anew() -> None:
    assert fed(1000, 1001 - 100 * HELD + 1) == [1000]
    assert fed(1000, 1001 - 100 * HELD) == [1000, 1001 - 100 * HELD]


@given(st.lists(st.integers(0, 65535), max_size=60))
def test_nothing_comes_twice_and_little_is_ever_held(numbers: list[int]) -> None:
    reorder: Reorder[int] = Reorder()
    for place, number in enumerate(numbers):
        out = [each for each in reorder.push(number, place) if each is not None]
        assert len(out) == len(set(out))
        assert len(reorder._held) <= HELD
