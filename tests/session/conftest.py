"""A session with fake plugins, and what it shares with others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from livetalk.metrics import Metrics
from livetalk.parts import Parts
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.session import Session
from tests.fakes import FakeAvatar, FakeEngine, FakeLLM, FakeTTS


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def parts(engine: FakeEngine) -> Iterator[Parts]:
    metrics = Metrics()
    batcher = Batcher(engine, metrics)
    batcher.start()
    yield Parts(engine, batcher, Slots(), FakeTTS(), FakeLLM(), metrics, clip_limit_s=10.0)
    batcher.stop()


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    session = Session("one", parts, FakeAvatar())
    session.start()
    yield session
    session.close()
