from __future__ import annotations

from pathlib import Path

import pytest

from livetalk.avatars import Avatars
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.metrics import Metrics
from tests.server.conftest import Client, FakeService, Start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "avatars"


@pytest.fixture
async def studio(
    service: FakeService, start: Start, folder: Path, face_models: Path, tmp_path: Path
) -> Client:
    """A server with avatars on disk."""
    service.engine = VisemeEngine()
    service.avatars = Avatars(folder, tmp_path / "cache", service.engine, 1 << 30, Metrics())
    return await start(avatars_dir=folder, models_dir=face_models, avatar_upload_mb=4)
