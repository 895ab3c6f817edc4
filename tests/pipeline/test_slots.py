from __future__ import annotations

import threading
from functools import partial

import pytest

from livetalk.pipeline.slots import Slots
from tests.fakes import WAIT_S, Basket, background


class NotingSlots(Slots):
    """Tells who has joined the queue."""

    def __init__(self, count: int = 1) -> None:
        super().__init__(count)
        self.joined: Basket[float] = Basket()

    def _enter(self, deadline: float) -> threading.Event | None:
        called = super()._enter(deadline)
        self.joined.put(deadline)
        return called


def test_the_earliest_deadline_goes_first_and_equals_in_their_order() -> None:
    slots = NotingSlots()
    worked: Basket[str] = Basket()

    def work(name: str, deadline: float) -> None:
        with slots.slot(deadline):
            worked.put(name)

    waiting = (("rich", 0.4), ("first poor", 0.1), ("second poor", 0.1), ("starving", 0.0))
    with slots.slot(0.0):
        for count, (name, deadline) in enumerate(waiting, start=2):
            background(partial(work, name, deadline))
            slots.joined.wait(count)
    worked.wait(4)
    assert worked.items == ["starving", "first poor", "second poor", "rich"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_more_compute_at_once_than_there_are_slots(count: int) -> None:
    slots = NotingSlots(count)
    inside: Basket[int] = Basket()
    go_on = threading.Event()

    def work(number: int) -> None:
        with slots.slot(0.0):
            inside.put(number)
            go_on.wait(WAIT_S)

    tasks = [background(partial(work, number)) for number in range(8)]
    slots.joined.wait(8)
    assert len(inside.wait(count)) == count
    go_on.set()
    for task in tasks:
        task.result(WAIT_S)
    assert sorted(inside.items) == list(range(8))


def test_a_slot_whose_holder_fails_is_given_on() -> None:
    slots = Slots()
    with pytest.raises(ValueError, match="broke"), slots.slot(0.0):
        raise ValueError("broke")
    with slots.slot(0.0):
        pass
