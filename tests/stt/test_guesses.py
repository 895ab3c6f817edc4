from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from livetalk.errors import ProviderError
from livetalk.stt import guesses
from livetalk.stt.guesses import Guesses
from livetalk.types import Int16Array
from tests.waiting import until

SPEECH = np.ones(8, np.int16)
WAIT_S = 10.0


class Slow:
    """Understands when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.heard: list[Int16Array] = []
        self.busy = False
        self.error: Exception | None = None
        self.guesses = Guesses(self, lambda: self.busy)

    def __call__(self, speech: Int16Array, give_up: Callable[[], bool]) -> str | None:
        self.heard.append(speech)
        self.begun.set()
        while not self.go_on.wait(0.01):
            if give_up():
                return None
        if self.error is not None:
            raise self.error
        return "words"


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    slow.guesses.start()
    yield slow
    slow.guesses.stop()


def rested(made: Guesses) -> None:
    until(lambda: made._rest_until < time.monotonic())


def test_a_guess_is_made_beside_the_one_who_asks(slow: Slow) -> None:
    guess = slow.guesses.ask(SPEECH)
    assert guess is not None
    assert slow.begun.wait(WAIT_S)
    assert not guess.over
    slow.go_on.set()
    until(lambda: guess.over)
    assert guess.text == "words"
    assert slow.heard[0] is SPEECH


def test_one_is_made_at_a_time_and_the_thread_rests_between(slow: Slow) -> None:
    first = slow.guesses.ask(SPEECH)
    assert first is not None
    assert slow.begun.wait(WAIT_S)
    assert slow.guesses.ask(SPEECH) is None
    slow.go_on.set()
    until(lambda: first.over)
    rested(slow.guesses)
    assert slow.guesses.ask(SPEECH) is not None


def test_none_begins_while_somebody_waits_for_all_of_it(slow: Slow) -> None:
    slow.busy = True
    assert slow.guesses.ask(SPEECH) is None
    slow.busy = False
    assert slow.guesses.ask(SPEECH) is not None


def test_one_that_nobody_wants_any_more_ends(slow: Slow) -> None:
    guess = slow.guesses.ask(SPEECH)
    assert guess is not None
    assert slow.begun.wait(WAIT_S)
    guess.drop()
    until(lambda: guess.over)
    assert guess.text is None


def test_one_that_fails_does_not_end_the_others(slow: Slow) -> None:
    slow.error = ProviderError("it failed", retryable=False)
    slow.go_on.set()
    failed = slow.guesses.ask(SPEECH)
    assert failed is not None
    until(lambda: failed.over)
    assert failed.text is None
    slow.error = None
    rested(slow.guesses)
    guess = slow.guesses.ask(SPEECH)
    assert guess is not None
    until(lambda: guess.over)
    assert guess.text == "words"


def test_a_machine_that_is_too_slow_makes_none_any_more(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "SLOWEST_S", 0.0)
    slow.go_on.set()
    guess = slow.guesses.ask(SPEECH)
    assert guess is not None
    until(lambda: guess.over)
    assert slow.guesses._rest_until == float("inf")
    assert slow.guesses.ask(SPEECH) is None


def test_stopping_drops_what_is_under_way(slow: Slow) -> None:
    guess = slow.guesses.ask(SPEECH)
    assert guess is not None
    assert slow.begun.wait(WAIT_S)
    slow.guesses.stop()
    assert guess.over
    assert guess.text is None
