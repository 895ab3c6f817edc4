"""What plays, for tests of Playout."""

from __future__ import annotations

import pytest

from livetalk.types import Tag
from tests.pipeline.show import Show


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def tag(show: Show) -> Tag:
    return show.epoch.next_tag()
