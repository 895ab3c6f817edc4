"""Networks of random numbers, made here: garbage lips, but every part of the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from livetalk.engines.musetalk.engine import MuseTalkEngine
from tests.engines.musetalk.tiny import write_tiny


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_tiny(folder)
    return folder


@pytest.fixture(scope="session")
def engine(tiny_models: Path) -> MuseTalkEngine:
    engine = MuseTalkEngine()
    engine.load(tiny_models, "cpu")
    return engine
