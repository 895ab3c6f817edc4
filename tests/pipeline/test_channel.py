from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.pipeline.channel import Channel, Closed
from tests.fakes import WAIT_S, background, blocks

T = TypeVar("T")

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 1)),
        st.tuples(st.just("offer"), st.integers(0, 5)),
        st.tuples(st.just("get"), st.just(1)),
        st.tuples(st.just("poll"), st.integers(0, 1)),
    ),
    max_size=60,
)


def channel(capacity: int = 3, items: int = 0) -> Channel[int]:
    made: Channel[int] = Channel("numbers", capacity)
    assert made.offer(range(items))
    return made


@given(capacity=st.integers(1, 6), steps=STEPS)
def test_any_puts_offers_gets_and_polls_keep_order_and_bound(
    capacity: int, steps: list[tuple[str, int]]
) -> None:
    real, model, fresh = channel(capacity), deque[int](), 0
    for step, count in steps:
        if step == "put" and len(model) < capacity:
            real.put(fresh)
            model.append(fresh)
            fresh += 1
        elif step == "offer":
            items = range(fresh, fresh + count)
            fits = len(model) + count <= capacity
            assert real.offer(items) is fits
            model.extend(items if fits else ())
            fresh += count
        elif step == "get" and model:
            assert real.get() == model.popleft()
        elif step == "poll":
            taken = real.poll(lambda item, wanted=count: item % 2 == wanted)  # type: ignore[misc]
            assert taken == (model.popleft() if model and model[0] % 2 == count else None)
        assert len(real) == len(model) <= capacity


def fill(into: Channel[T], items: Iterable[T]) -> Future[None]:
    """Put everything, in a thread of its own."""

    def put_all() -> None:
        for item in items:
            into.put(item)

    return background(put_all)


def test_two_threads_hand_over_everything_in_order_through_one_place() -> None:
    narrow = channel(1)
    writing = fill(narrow, range(500))
    reading = background(lambda: [narrow.get() for _ in range(500)])
    assert reading.result(WAIT_S) == list(range(500))
    writing.result(WAIT_S)


def test_many_writers_lose_nothing_and_each_keeps_its_order() -> None:
    shared: Channel[tuple[int, int]] = Channel("pairs", 2)
    writers = [fill(shared, [(name, count) for count in range(50)]) for name in range(4)]
    got = background(lambda: [shared.get() for _ in range(200)]).result(WAIT_S)
    for name, writer in enumerate(writers):
        writer.result(WAIT_S)
        assert [count for writer_name, count in got if writer_name == name] == list(range(50))


def test_put_waits_for_room() -> None:
    full = channel(2, items=2)
    putting = background(lambda: full.put(2))
    assert blocks(putting)
    assert full.get() == 0
    putting.result(WAIT_S)
    assert [full.get(), full.get()] == [1, 2]


def test_get_waits_for_an_item() -> None:
    empty = channel()
    getting = background(empty.get)
    assert blocks(getting)
    empty.put(7)
    assert getting.result(WAIT_S) == 7


def test_an_offer_that_does_not_fit_whole_leaves_nothing() -> None:
    nearly_full = channel(3, items=2)
    assert not nearly_full.offer([8, 9])
    assert len(nearly_full) == 2
    assert nearly_full.offer([8])


def test_a_poll_leaves_what_is_not_wanted_and_never_waits() -> None:
    one = channel(items=1)
    assert one.poll(lambda item: item == 5) is None
    assert one.poll(lambda item: item == 0) == 0
    assert one.poll(lambda item: True) is None


def test_a_poll_makes_room_for_a_waiting_put() -> None:
    full = channel(1, items=1)
    putting = background(lambda: full.put(1))
    assert blocks(putting)
    full.poll(lambda item: True)
    putting.result(WAIT_S)


def test_an_offer_wakes_all_who_wait() -> None:
    empty = channel(3)
    waiting = [background(empty.get) for _ in range(3)]
    assert all(blocks(each) for each in waiting)
    assert empty.offer([1, 2, 3])
    assert sorted(each.result(WAIT_S) for each in waiting) == [1, 2, 3]


def test_closing_ends_every_wait_on_both_sides() -> None:
    full, empty = channel(1, items=1), channel()
    putting = fill(full, [1])
    getting = [background(empty.get), background(empty.get)]
    assert blocks(putting)
    assert all(blocks(each) for each in getting)
    full.close()
    empty.close()
    assert isinstance(putting.exception(WAIT_S), Closed)
    assert all(isinstance(each.exception(WAIT_S), Closed) for each in getting)


def test_a_closed_channel_takes_and_gives_nothing_more() -> None:
    closed = channel(3, items=2)
    closed.close()
    assert len(closed) == 0
    assert closed.poll(lambda item: True) is None
    with pytest.raises(Closed, match="numbers"):
        closed.get()
    with pytest.raises(Closed, match="numbers"):
        closed.put(1)
    with pytest.raises(Closed, match="numbers"):
        closed.offer([])


def test_closing_twice_is_closing_once() -> None:
    closed = channel()
    closed.close()
    closed.close()
    with pytest.raises(Closed):
        closed.get()
