from __future__ import annotations

import threading
from functools import partial

import pytest
import torch

from livetalk.engines.musetalk.combine import MOST, Combined, _Call
from tests.fakes import WAIT_S, Basket, background


class Gate:
    """Doubles what it is given, once it is let; writes down the batches."""

    def __init__(self) -> None:
        self.batches: Basket[tuple[int, ...]] = Basket()
        self.open = threading.Event()
        self.failing = False

    def __call__(self, given: torch.Tensor) -> torch.Tensor:
        self.batches.put(tuple(given.shape))
        assert self.open.wait(WAIT_S)
        if self.failing:
            raise RuntimeError("no encoder")
        return given * 2


def wait_for(combined: Combined, count: int) -> None:
    """Until so many calls stand behind the one that is made."""
    done = threading.Event()
    while not done.wait(0.001):
        with combined._lock:
            if len(combined._waiting) == count:
                done.set()


def test_calls_that_come_meanwhile_are_made_as_one_and_get_their_own_answers() -> None:
    gate = Gate()
    combined = Combined(gate)
    first = background(lambda: combined(torch.full((1, 3), 1.0)))
    gate.batches.wait(1)
    others = [background(partial(combined, torch.full((1, 3), float(n)))) for n in (2, 3, 4)]
    wait_for(combined, 3)
    gate.open.set()
    answers = [each.result(WAIT_S) for each in (first, *others)]
    assert [float(answer[0, 0]) for answer in answers] == [2, 4, 6, 8]
    assert all(answer.shape == (1, 3) for answer in answers)
    assert gate.batches.items == [(1, 3), (3, 3)]


def test_calls_of_another_shape_are_made_on_their_own() -> None:
    gate = Gate()
    combined = Combined(gate)
    first = background(lambda: combined(torch.zeros(1, 3)))
    gate.batches.wait(1)
    others = [background(partial(combined, torch.zeros(1, n))) for n in (5, 3, 5)]
    wait_for(combined, 3)
    gate.open.set()
    assert [each.result(WAIT_S).shape[1] for each in (first, *others)] == [3, 5, 3, 5]
    assert sorted(gate.batches.items) == [(1, 3), (1, 3), (2, 5)]


def test_one_who_comes_first_behind_more_calls_than_are_made_at_once_gets_an_answer_too() -> None:
    gate = Gate()
    gate.open.set()
    combined = Combined(gate)
    combined._waiting += [_Call(torch.zeros(1, 3)) for _ in range(MOST)]
    assert combined(torch.ones(1, 3)).sum() == 6
    assert gate.batches.items == [(MOST, 3), (1, 3)]


def test_an_encoder_that_fails_fails_those_it_was_called_for_and_no_others() -> None:
    gate = Gate()
    combined = Combined(gate)
    gate.failing = True
    gate.open.set()
    with pytest.raises(RuntimeError, match="no encoder"):
        combined(torch.zeros(1, 3))
    gate.failing = False
    assert combined(torch.ones(1, 3)).sum() == 6
