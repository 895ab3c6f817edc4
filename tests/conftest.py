"""What every test finds, and owes the next one: no thread of ours outlives the test that started it."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.face_networks import face_networks

GRACE_S = 5.0

# a shell's background job ignores Ctrl+C, and what it starts inherits that: also the processes of tests
signal.signal(signal.SIGINT, signal.default_int_handler)


def running() -> set[threading.Thread]:
    """All threads but the executors of event loops, which live as long as the loop."""
    return {each for each in threading.enumerate() if not each.name.startswith("asyncio_")}


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = running()
    yield
    left = running() - before
    for thread in left:
        thread.join(GRACE_S)
    alive = sorted(thread.name for thread in left if thread.is_alive())
    assert not alive, f"threads still run after the test: {alive}"


@pytest.fixture(scope="session")
def face_models(request: pytest.FixtureRequest) -> Path:
    """A models' folder with what finds faces."""
    assert request.config.cache is not None
    return face_networks(request.config.cache)
