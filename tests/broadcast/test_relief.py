"""How soon less is asked of a machine that is late, and more again."""

from __future__ import annotations

from livetalk.broadcast.relief import CALM, LATE_SHARE, LEVELS, LONGEST_CALM, WINDOW, Relief

MOST = round(LATE_SHARE * WINDOW)
"""ticks of a window that are too many"""


def play(relief: Relief, late: int, windows: int = 1) -> int:
    """So many ticks of each window come late; the level after them."""
    for _ in range(windows):
        for tick in range(WINDOW):
            relief.settle(tick < late)
    return relief.level


def test_it_goes_up_level_by_level_where_many_ticks_are_late() -> None:
    relief = Relief()
    assert play(relief, MOST - 1, 10) == 0
    assert [play(relief, MOST) for _ in range(3)] == [1, LEVELS, LEVELS]


def test_it_goes_down_after_a_while_without_any_that_is_late() -> None:
    relief = Relief()
    play(relief, MOST)
    assert play(relief, 1, 20) == 1
    assert play(relief, 0, CALM // WINDOW - 1) == 1
    assert play(relief, 0) == 0


def test_it_waits_twice_as_long_after_each_time_that_was_too_early_but_not_for_ever() -> None:
    relief, waits = Relief(), []
    for _ in range(7):
        play(relief, MOST)
        waits.append(WINDOW)
        while play(relief, 0):
            waits[-1] += WINDOW
    assert waits == [min(CALM * 2**time, LONGEST_CALM) for time in range(7)]


def test_trouble_after_a_good_while_is_new() -> None:
    relief = Relief()
    play(relief, MOST)
    play(relief, 0, 2 * CALM // WINDOW)
    play(relief, MOST)
    assert play(relief, 0, CALM // WINDOW) == 0
