from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.remote.calls import ROOM, Calls, TimeLimits
from tests.fakes import WAIT_S

LONG = TimeLimits(WAIT_S, WAIT_S)


@pytest.fixture
def calls() -> Iterator[Calls]:
    made = Calls("provider")
    made.start()
    yield made
    made.stop()


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


class Endless:
    """Yields one number, then waits for ever; knows that it was broken off."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    async def __call__(self) -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            self.ended.set()


def test_all_items_come_in_their_order(calls: Calls) -> None:
    count = 3 * ROOM
    assert [*calls.stream("it", lambda: numbers(count), LONG, Cancellation())] == [*range(count)]


def test_a_cancel_ends_a_call_that_waits_and_its_reader(calls: Calls) -> None:
    cancel, endless = Cancellation(), Endless()
    reader = calls.stream("it", endless, LONG, cancel)
    assert next(reader) == 1
    threading.Timer(0.05, cancel.cancel).start()
    assert [*reader] == []
    assert endless.ended.wait(WAIT_S)


def test_a_cancel_ends_the_call_also_where_nobody_reads_just_now(calls: Calls) -> None:
    cancel, endless = Cancellation(), Endless()
    reader = calls.stream("it", endless, LONG, cancel)
    assert next(reader) == 1
    cancel.cancel()
    assert endless.ended.wait(WAIT_S)
    assert [*reader] == []


def test_what_comes_while_a_cancel_is_on_its_way_is_not_read(calls: Calls) -> None:
    cancel, told, ended = Cancellation(), threading.Event(), threading.Event()

    async def busy() -> AsyncIterator[int]:
        try:
            yield 1
            told.wait(WAIT_S)  # holds up the loop, which so learns of the cancel after the next item
            yield 2
        finally:
            ended.set()

    reader = calls.stream("it", busy, LONG, cancel)
    assert next(reader) == 1
    cancel.cancel()
    told.set()
    assert ended.wait(WAIT_S)
    assert [*reader] == []


def test_what_was_cancelled_before_gives_nothing(calls: Calls) -> None:
    cancel = Cancellation()
    cancel.cancel()
    assert [*calls.stream("it", lambda: numbers(3), LONG, cancel)] == []


def test_a_reader_that_leaves_ends_the_call(calls: Calls) -> None:
    endless = Endless()
    reader = calls.stream("it", endless, LONG, Cancellation())
    assert next(reader) == 1
    reader.close()
    assert endless.ended.wait(WAIT_S)


def test_what_came_before_an_error_is_read_before_it(calls: Calls) -> None:
    async def breaks() -> AsyncIterator[int]:
        yield 1
        raise ProviderError("it broke", retryable=False)

    reader = calls.stream("it", breaks, LONG, Cancellation())
    assert next(reader) == 1
    with pytest.raises(ProviderError, match="it broke"):
        next(reader)


def test_a_provider_that_does_not_begin_is_given_up(calls: Calls) -> None:
    async def silent() -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 1

    with pytest.raises(ProviderError, match=r"Acme did not answer within 0\.05 s") as caught:
        [*calls.stream("Acme", silent, TimeLimits(0.05, WAIT_S), Cancellation())]
    assert caught.value.retryable


def test_a_provider_that_falls_silent_is_given_up(calls: Calls) -> None:
    endless = Endless()
    reader = calls.stream("Acme", endless, TimeLimits(WAIT_S, 0.05), Cancellation())
    assert next(reader) == 1
    with pytest.raises(ProviderError, match=r"Acme fell silent for 0\.05 s"):
        next(reader)
    assert endless.ended.wait(WAIT_S)


def test_a_reader_that_is_slow_does_not_count_as_a_silent_provider(calls: Calls) -> None:
    reader = calls.stream("it", lambda: numbers(2 * ROOM), TimeLimits(0.2, 0.2), Cancellation())
    assert next(reader) == 0
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(asyncio.Event().wait(), 0.4))  # longer than its patience
    assert [*reader] == [*range(1, 2 * ROOM)]


def test_one_answer_is_had_by_asking(calls: Calls) -> None:
    async def answer() -> str:
        return "yes"

    assert calls.ask("it", answer, WAIT_S, Cancellation()) == "yes"


def test_the_end_breaks_off_what_waits_and_closes_what_is_to_be_closed() -> None:
    calls, endless, closed = Calls("provider"), Endless(), threading.Event()

    async def close() -> None:
        closed.set()

    calls.start()
    calls.at_end(close)
    reader = calls.stream("it", endless, LONG, Cancellation())
    assert next(reader) == 1
    calls.stop()
    assert [*reader] == []
    assert endless.ended.is_set()
    assert closed.is_set()
    with pytest.raises(ProviderError, match="it is closed"):
        next(calls.stream("it", endless, LONG, Cancellation()))
