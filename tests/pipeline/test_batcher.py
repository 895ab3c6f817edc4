from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from livetalk import worker
from livetalk.errors import EngineError, StageError
from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.pace import HEADROOM
from livetalk.protocols import EngineSpec, LipJob
from livetalk.types import FPS, Mouth
from tests.fakes import WAIT_S, Basket, Clock, FakeAvatar, FakeEngine, background, counted


class SlowEngine(FakeEngine):
    """Tells which pictures it infers, takes as long as it is told, waits at its gate."""

    def __init__(self, best_batch: int = 4) -> None:
        super().__init__()
        self.spec = EngineSpec("slow", best_batch=best_batch, context_ms=40)
        self.begun: Basket[list[int]] = Basket()
        self.clock = Clock()
        self.call_s = 0.0
        self.picture_s = 0.0

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        self.begun.put([job.pose for job in jobs])
        self.clock.pass_by(self.call_s + len(jobs) * self.picture_s)
        return super().infer(jobs)


AVATAR = FakeAvatar()


def jobs(*poses: int) -> list[LipJob]:
    """Pictures whose window says which they are."""
    return [LipJob(np.array([pose], np.float32), pose, AVATAR) for pose in poses]


def numbers(mouths: list[Mouth]) -> list[int]:
    return [int(mouth[0]) for mouth in mouths]


@pytest.fixture
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def batcher(engine: SlowEngine) -> Iterator[Batcher]:
    made = Batcher(engine, Metrics(), engine.clock)
    made.start()
    yield made
    engine.gate.set()
    made.stop()


def wait_for_requests(batcher: Batcher, count: int) -> None:
    with batcher._changed:
        assert batcher._changed.wait_for(lambda: len(batcher._requests) == count, WAIT_S)


class Queue:
    """Holds the engine busy with picture 0 while requests gather behind it."""

    def __init__(self, batcher: Batcher, engine: SlowEngine) -> None:
        engine.gate.clear()
        self.batcher = batcher
        self.engine = engine
        self.answers = [background(lambda: batcher.infer(jobs(0), 0.0))]
        engine.begun.wait(1)

    def ask(self, deadline: float, *poses: int, cancel: Callable[[], bool] = lambda: False) -> None:
        self.answers.append(background(lambda: self.batcher.infer(jobs(*poses), deadline, cancel)))
        wait_for_requests(self.batcher, len(self.answers) - 1)

    def mouths(self) -> list[list[int]]:
        """Let the engine go on; the answers, in the order they were asked for."""
        self.engine.gate.set()
        return [numbers(answer.result(WAIT_S)) for answer in self.answers]


def test_each_caller_gets_its_own_mouths_out_of_a_shared_batch(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    queue.ask(1.0, 10, 11)
    queue.ask(1.0, 20)
    assert queue.mouths() == [[0], [10, 11], [20]]
    assert engine.begun.items == [[0], [10, 11, 20]]


def test_what_was_cancelled_while_it_waited_is_not_inferred(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    queue.ask(1.0, 10, 11, cancel=lambda: True)
    queue.ask(2.0, 20)
    assert queue.mouths() == [[0], [], [20]]
    assert engine.begun.items == [[0], [20]]


def test_an_engine_that_gives_too_few_mouths_is_named(batcher: Batcher, engine: SlowEngine) -> None:
    engine.infer = lambda jobs: []  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="'slow' gave 0 mouths for 2 jobs"):
        background(lambda: batcher.infer(jobs(1, 2), 0.0)).result(WAIT_S)


def test_the_earliest_deadline_goes_first(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    for deadline, pose in ((3.0, 30), (1.0, 10), (2.0, 20), (1.5, 15), (9.0, 90)):
        queue.ask(deadline, pose)
    queue.mouths()
    assert engine.begun.items == [[0], [10, 15, 20, 30], [90]]


def test_requests_of_one_deadline_go_in_the_order_they_came(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    for pose in range(1, 9):
        queue.ask(1.0, pose)
    queue.mouths()
    assert engine.begun.items == [[0], [1, 2, 3, 4], [5, 6, 7, 8]]


def test_a_request_is_never_split_and_a_batch_never_overfilled(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    queue.ask(1.0, 1, 2, 3)
    queue.ask(2.0, 4, 5)
    queue.ask(3.0, 6)
    assert queue.mouths() == [[0], [1, 2, 3], [4, 5], [6]]
    assert engine.begun.items == [[0], [1, 2, 3], [4, 5, 6]]


def test_a_request_larger_than_the_best_batch_goes_alone(batcher: Batcher, engine: SlowEngine) -> None:
    queue = Queue(batcher, engine)
    queue.ask(1.0, *range(1, 7))
    queue.ask(2.0, 7)
    assert queue.mouths() == [[0], [1, 2, 3, 4, 5, 6], [7]]
    assert engine.begun.items == [[0], [1, 2, 3, 4, 5, 6], [7]]


def test_what_the_engine_raises_reaches_all_of_its_batch_and_nobody_else(
    batcher: Batcher, engine: SlowEngine
) -> None:
    queue = Queue(batcher, engine)
    queue.ask(1.0, 1)
    queue.ask(1.0, 2)
    engine.failing = True
    engine.gate.set()
    assert all(isinstance(answer.exception(WAIT_S), RuntimeError) for answer in queue.answers)
    engine.failing = False
    assert numbers(batcher.infer(jobs(3), 0.0)) == [3]


def test_stopping_lets_the_batch_in_flight_end_and_fails_what_waits(engine: SlowEngine) -> None:
    batcher = Batcher(engine, Metrics())
    batcher.start()
    queue = Queue(batcher, engine)
    queue.ask(1.0, 1)
    queue.ask(2.0, 2)
    stopping = background(batcher.stop)
    with batcher._changed:
        assert batcher._changed.wait_for(lambda: batcher._closed, WAIT_S)
    engine.gate.set()
    stopping.result(WAIT_S)
    assert numbers(queue.answers[0].result(WAIT_S)) == [0]
    assert all(isinstance(answer.exception(WAIT_S), StageError) for answer in queue.answers[1:])
    with pytest.raises(StageError, match="stopped"):
        batcher.infer(jobs(3), 0.0)


def test_it_stops_while_nothing_is_asked_of_it(engine: SlowEngine) -> None:
    batcher = Batcher(engine, Metrics())
    batcher.start()
    background(batcher.stop).result(WAIT_S)
    assert "batcher-slow" not in [thread.name for thread in threading.enumerate()]


def test_an_engine_that_does_not_come_back_is_named(
    batcher: Batcher, engine: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_TIMEOUT_S", 0.01)
    Queue(batcher, engine)
    with pytest.raises(StageError, match="'batcher-slow' did not stop within"):
        batcher.stop()
    monkeypatch.undo()


def test_it_carries_as_many_sessions_as_its_measured_rate_allows(
    batcher: Batcher, engine: SlowEngine
) -> None:
    engine.picture_s = 0.003
    batcher.infer(jobs(1, 2), 0.0)
    batcher.infer(jobs(3), 0.0)
    assert batcher.sessions() == int(HEADROOM / (0.003 * FPS)) == 10


def test_before_it_has_measured_it_promises_one_session(batcher: Batcher) -> None:
    assert batcher.sessions() == 1


def test_one_slow_batch_among_many_moves_the_rate_only_a_little(batcher: Batcher, engine: SlowEngine) -> None:
    engine.picture_s = 0.002
    for pose in range(5):
        batcher.infer(jobs(pose), 0.0)
    usual = batcher.sessions()
    engine.picture_s = 0.02
    batcher.infer(jobs(9), 0.0)
    assert usual // 2 < batcher.sessions() < usual


def test_warming_up_tries_every_batch_size_up_to_the_best(batcher: Batcher, engine: SlowEngine) -> None:
    batcher.warm_up(AVATAR)
    assert sorted({len(batch) for batch in engine.begun.items}) == [1, 2, 4]


def test_batch_sizes_are_counted(engine: SlowEngine) -> None:
    metrics = Metrics()
    batcher = Batcher(engine, metrics)
    batcher.start()
    batcher.infer(jobs(1, 2, 3), 0.0)
    batcher.infer(jobs(4), 0.0)
    batcher.stop()
    assert counted(metrics, "batch_size_count") == 2
    assert counted(metrics, "batch_size_sum") == 4


def test_who_alone_does_not_fail_is_not_failed_by_others_in_the_batch(
    batcher: Batcher, engine: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = engine.infer

    def infer(given: Sequence[LipJob]) -> list[Mouth]:
        if any(job.pose == 13 for job in given):
            raise EngineError("no picture")
        return whole(given)

    queue = Queue(batcher, engine)
    monkeypatch.setattr(engine, "infer", infer)
    queue.ask(1.0, 1, 2)
    queue.ask(1.0, 13)
    queue.ask(1.0, 4)
    engine.gate.set()
    assert numbers(queue.answers[1].result(WAIT_S)) == [1, 2]
    assert numbers(queue.answers[3].result(WAIT_S)) == [4]
    with pytest.raises(EngineError, match="no picture"):
        queue.answers[2].result(WAIT_S)


def test_warming_up_ends_with_the_first_batch_that_takes_long(batcher: Batcher, engine: SlowEngine) -> None:
    engine.picture_s = 0.07
    batcher.warm_up(AVATAR)
    assert [len(batch) for batch in engine.begun.items] == [1, 1, 2, 2]
    assert batcher.best_batch == 1
