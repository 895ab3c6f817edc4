from __future__ import annotations

from pathlib import Path

import pytest

from tests.face_networks import face_networks


@pytest.fixture(scope="session")
def face_models(request: pytest.FixtureRequest) -> Path:
    """A models' folder with what finds faces."""
    assert request.config.cache is not None
    return face_networks(request.config.cache)
