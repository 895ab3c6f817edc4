from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.protocols import EngineSpec, LipJob
from livetalk.types import Mouth
from tests.fakes import WAIT_S, Clock, FakeAvatar, FakeEngine, background


class ColdEngine(FakeEngine):
    """The first call takes a second, as first calls do; then 1 ms a picture."""

    spec = EngineSpec("cold", best_batch=8, context_ms=40)

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.warm = False

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        self.clock.pass_by(len(jobs) * 0.001 if self.warm else 1.0)
        self.warm = True
        return super().infer(jobs)


def test_the_first_cold_call_does_not_count_in_the_rate_after_warming_up() -> None:
    engine = ColdEngine()
    batcher = Batcher(engine, Metrics(), engine.clock)
    batcher.start()
    batcher.warm_up(FakeAvatar())
    batcher.stop()
    assert batcher.sessions() >= 16  # 0.8 / (0.001 * 25) = 32


def test_an_empty_request_does_not_kill_the_thread_that_serves_all_sessions() -> None:
    engine = FakeEngine()
    batcher = Batcher(engine, Metrics())
    batcher.start()
    empty = background(lambda: batcher.infer([], 0.0))
    empty.exception(1.0)
    job = LipJob(np.array([1], np.float32), 0, FakeAvatar())
    assert len(background(lambda: batcher.infer([job], 0.0)).result(WAIT_S)) == 1
    batcher.stop()
