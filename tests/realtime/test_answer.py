"""What the server is told of an answer that was heard in part."""

from __future__ import annotations

import pytest

from livetalk.protocols import REPLY_RATE
from livetalk.realtime.answer import Answer
from livetalk.realtime.messages import delete, truncate


@pytest.fixture
def answer() -> Answer:
    """Two messages, of one second each."""
    answer = Answer("resp_1", None)
    for item in ("a", "b"):
        answer.announced(item)
        for _ in range(2):
            answer.came(item, 0, REPLY_RATE // 2)
    return answer


def test_what_was_heard_whole_stays_and_the_next_is_truncated(answer: Answer) -> None:
    answer.done = True
    assert [*answer.settle(1.5)] == [truncate("b", 0, 500)]
    assert [*answer.forget_unheard()] == []


def test_what_was_not_heard_at_all_is_forgotten(answer: Answer) -> None:
    answer.done = True
    assert [*answer.settle(0.25)] == [truncate("a", 0, 250)]
    assert [*answer.forget_unheard()] == [delete("b")]


def test_no_more_is_truncated_than_there_is(answer: Answer) -> None:
    answer.stopped = True
    assert [*answer.settle(9.0)] == [truncate("a", 0, 1000), truncate("b", 0, 1000)]


def test_each_is_told_once(answer: Answer) -> None:
    assert len([*answer.settle(0.5), *answer.settle(0.5)]) == 1
