from __future__ import annotations

import threading

import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.stt.line import Line
from tests.waiting import until

EVER = float("inf")
WAIT_S = 10.0


def waiting(line: Line, name: str, came: list[str], cancel: Cancellation) -> threading.Thread:
    """One who takes a turn on a thread of its own, and stands in line when this comes back."""
    before = len(line._waiting)

    def take() -> None:
        with line.turn(EVER, cancel) as mine:
            if mine:
                came.append(name)

    thread = threading.Thread(target=take)
    thread.start()
    until(lambda: len(line._waiting) > before)
    return thread


def test_turns_come_in_the_order_of_arrival() -> None:
    line, came = Line("it"), list[str]()
    assert not line.taken
    with line.turn(EVER, Cancellation()) as mine:
        assert mine
        assert line.taken
        threads = [waiting(line, name, came, Cancellation()) for name in ("first", "second", "third")]
        assert came == []
    for thread in threads:
        thread.join(WAIT_S)
    assert came == ["first", "second", "third"]
    assert not line.taken


def test_one_who_leaves_the_line_holds_up_nobody() -> None:
    line, came, cancel = Line("it"), list[str](), Cancellation()
    with line.turn(EVER, Cancellation()):
        leaver = waiting(line, "leaver", came, cancel)
        other = waiting(line, "other", came, Cancellation())
        cancel.cancel()
        leaver.join(WAIT_S)
        assert not leaver.is_alive()
    other.join(WAIT_S)
    assert came == ["other"]


def test_a_turn_that_failed_is_over() -> None:
    line = Line("it")
    with pytest.raises(ZeroDivisionError), line.turn(EVER, Cancellation()):
        raise ZeroDivisionError
    assert not line.taken


def test_who_waited_long_enough_is_told_and_leaves_the_line() -> None:
    line = Line("the recogniser")
    with line.turn(EVER, Cancellation()):
        with (
            pytest.raises(ProviderError, match="the recogniser has too much to do"),
            line.turn(0, Cancellation()),
        ):
            raise AssertionError
        assert len(line._waiting) == 1


def test_what_was_cancelled_before_gets_no_turn() -> None:
    cancel = Cancellation()
    cancel.cancel()
    with Line("it").turn(EVER, cancel) as mine:
        assert not mine
