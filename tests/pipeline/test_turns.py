from __future__ import annotations

import threading

import pytest

from livetalk.pipeline.turns import Turns
from tests.fakes import WAIT_S, Basket, background


class Crowd:
    """Threads that want a turn while the test holds the only one."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.worked: Basket[str] = Basket()

    def join(self, name: str, lead_s: float) -> None:
        """One more waits; returns when it stands in the queue."""
        before = len(self.turns._waiting)
        background(lambda: self.work(name, lead_s))
        while len(self.turns._waiting) == before:
            threading.Event().wait(0.001)

    def work(self, name: str, lead_s: float) -> None:
        """Wait, and be noted."""
        with self.turns.turn(lead_s):
            self.worked.put(name)


def test_the_one_with_the_least_ready_goes_first_and_equals_in_their_order() -> None:
    crowd = Crowd(Turns())
    with crowd.turns.turn(0.0):
        for name, lead_s in (("rich", 0.4), ("first poor", 0.1), ("second poor", 0.1), ("starving", 0.0)):
            crowd.join(name, lead_s)
    crowd.worked.wait(4)
    assert crowd.worked.items == ["starving", "first poor", "second poor", "rich"]


@pytest.mark.parametrize("places", [1, 2, 5])
def test_no_more_work_at_once_than_there_are_places(places: int) -> None:
    turns = Turns(places)
    lock, working, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal working, most
        for _ in range(50):
            with turns.turn(0.0):
                with lock:
                    working += 1
                    most = max(most, working)
                threading.Event().wait(0.0005)
                with lock:
                    working -= 1

    for done in [background(work) for _ in range(8)]:
        done.result(WAIT_S)
    assert most == places


def test_a_turn_that_fails_is_given_on() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broke"), turns.turn(0.0):
        raise ValueError("broke")
    with turns.turn(0.0):
        pass
