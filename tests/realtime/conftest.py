"""A session that talks with a server of the Realtime API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from livetalk.metrics import Metrics
from livetalk.parts import Parts
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.protocols import RealtimeOptions
from livetalk.realtime.openai import OpenAIRealtime
from livetalk.session import Session
from tests.fakes import FakeAvatar, FakeEngine, FakeLLM, FakeTTS
from tests.player import Player
from tests.realtime.realtime_server import RealtimeServer


@pytest.fixture
def server() -> Iterator[RealtimeServer]:
    with RealtimeServer() as server:
        yield server


@pytest.fixture
def options(server: RealtimeServer) -> RealtimeOptions:
    return RealtimeOptions(url=server.url, key="secret", model="gpt-test", voice="marin", timeout_s=60.0)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def parts(engine: FakeEngine, options: RealtimeOptions) -> Iterator[Parts]:
    metrics = Metrics()
    batcher = Batcher(engine, metrics)
    batcher.start()
    realtime = OpenAIRealtime(options)
    realtime.load()
    made = Parts(engine, batcher, Slots(), FakeTTS(), FakeLLM(), metrics, clip_limit_s=10.0)
    yield replace(made, realtime=realtime, realtime_options=options)
    realtime.close()
    batcher.stop()


@pytest.fixture
def session(parts: Parts, server: RealtimeServer) -> Iterator[Session]:
    session = Session("one", parts, FakeAvatar())
    session.start()
    if not (server.mute or server.refuses):
        server.wait("session.update")
    yield session
    session.close()


@pytest.fixture
def player(session: Session) -> Player:
    return Player(session)
