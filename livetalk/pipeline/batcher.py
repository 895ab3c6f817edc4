"""Batcher: one thread per engine that infers for all sessions, the most urgent first."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from livetalk.errors import EngineError, StageError
from livetalk.metrics import Metrics
from livetalk.pipeline.pace import LONGEST_S, Pace
from livetalk.protocols import Engine, EngineAvatar, LipJob
from livetalk.types import FRAME_SAMPLES, Mouth
from livetalk.worker import Worker, patience_s


@dataclass(frozen=True, slots=True)
class _Request:
    """Jobs of one session, and who waits for them."""

    jobs: Sequence[LipJob]
    cancel: Callable[[], bool]
    answer: Future[list[Mouth]]


def _never() -> bool:
    return False


class Batcher:
    """Takes requests of many sessions and fills the engine's batches with them."""

    def __init__(self, engine: Engine, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._metrics = metrics
        self._clock = clock
        self._order = itertools.count()
        self._requests: list[tuple[float, int, _Request]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._pace = Pace(engine.spec.best_batch)
        self._thread = Worker(f"batcher-{engine.spec.name}", self._run)

    def start(self) -> None:
        """Begin to infer."""
        self._thread.start()

    def warm_up(self, avatar: EngineAvatar) -> None:
        """Infer a little of silence, so that the first turn is as fast as any and the rate is known."""
        stream = self._engine.features()
        most = self._engine.spec.best_batch
        windows = [*stream.push(np.zeros(most * FRAME_SAMPLES, np.int16)), *stream.flush()]
        jobs = [LipJob(window, pose, avatar) for pose, window in enumerate(windows)]
        size, took = 1, 0.0
        while size <= most and took < LONGEST_S:
            self.infer(jobs[:size], deadline=0.0)  # a first call says nothing of the rate
            began = self._clock()
            self.infer(jobs[:size], deadline=0.0)
            took = self._clock() - began
            self._pace.learn(size, took)
            size *= 2

    def infer(
        self, jobs: Sequence[LipJob], deadline: float, cancel: Callable[[], bool] = _never
    ) -> list[Mouth]:
        """Infer, waiting for the engine; `deadline` is when the first picture is to play.

        Returns:
            A mouth for each job; none at all if `cancel` said so before its batch was begun.

        Raises:
            StageError: the batcher was stopped.
            Exception: whatever the engine raised on the batch these jobs were in.
        """
        if not jobs:
            return []
        request = _Request(jobs, cancel, Future())
        with self._changed:
            if self._closed:
                raise StageError("the batcher was stopped")
            heapq.heappush(self._requests, (deadline, next(self._order), request))
            self._changed.notify()
        while True:
            try:
                return request.answer.result(patience_s())
            except TimeoutError:
                if request.answer.done():  # the engine's own
                    raise

    @property
    def best_batch(self) -> int:
        """Pictures in a batch that the engine does best with on this machine."""
        return self._pace.best_batch

    @property
    def pictures_a_second(self) -> float:
        """What the engine draws; 0 while nothing was measured."""
        return 1 / self._pace.picture_s if self._pace.picture_s else 0.0

    def sessions(self) -> int:
        """How many sessions that speak all the time the engine can carry, by its measured rate."""
        return self._pace.sessions()

    def pictures_per_mouth(self) -> int:
        """How many pictures share a mouth, where the engine is too slow to draw one for each."""
        return self._pace.pictures_per_mouth()

    def stop(self) -> None:
        """End the thread; requests still waiting fail.

        Raises:
            StageError: the engine did not come back in time.
        """
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.wait()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._answer(batch)
            batch.clear()  # jobs hold their avatars, and the next may be long in coming

    def _answer(self, batch: Sequence[_Request]) -> None:
        try:
            mouths = iter(self._infer([job for request in batch for job in request.jobs]))
        except Exception as error:  # noqa: BLE001 - handed to the stages that wait for it
            self._fail(batch, error)
        else:
            for request in batch:
                request.answer.set_result([*itertools.islice(mouths, len(request.jobs))])

    def _fail(self, batch: Sequence[_Request], error: Exception) -> None:
        """Only who alone fails too has failed: a batch is shared by sessions that have nothing in common."""
        if len(batch) == 1:
            batch[0].answer.set_exception(error)
            return
        for request in batch:
            try:
                request.answer.set_result(self._infer(request.jobs))
            except Exception as own:  # noqa: BLE001 - handed to the stage that waits for it
                request.answer.set_exception(own)

    def _infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        began = self._clock()
        mouths = self._engine.infer(jobs)
        if len(mouths) != len(jobs):
            raise EngineError(
                f"engine {self._engine.spec.name!r} gave {len(mouths)} mouths for {len(jobs)} jobs"
            )
        self._metrics.batch_size.observe(len(jobs))
        self._pace.observe(len(jobs), self._clock() - began)
        return mouths

    def _next_batch(self) -> list[_Request]:
        batch: list[_Request] = []
        size = 0
        with self._changed:
            while not batch:
                self._changed.wait_for(lambda: self._closed or bool(self._requests))
                if self._closed:
                    self._refuse_all()
                    return []
                while self._requests and (not batch or size + self._next_size() <= self.best_batch):
                    request = heapq.heappop(self._requests)[-1]
                    if request.cancel():
                        request.answer.set_result([])
                    else:
                        batch.append(request)
                        size += len(request.jobs)
        return batch

    def _next_size(self) -> int:
        return len(self._requests[0][-1].jobs)

    def _refuse_all(self) -> None:
        for *_, request in self._requests:
            request.answer.set_exception(StageError("the batcher was stopped"))
        self._requests.clear()
