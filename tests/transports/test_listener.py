from __future__ import annotations

import threading

import pytest

from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.listener import Listener
from livetalk.types import Int16Array
from tests.transports.offers import OBS


class Voice:
    """Notes its end."""

    def __init__(self) -> None:
        self.closed = False

    def push(self, pcm: Int16Array) -> None:
        """Nothing comes."""

    def close(self) -> None:
        """Note it."""
        self.closed = True


async def test_the_voice_and_its_thread_end_also_where_the_connection_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voice = Voice()
    listener = Listener(voice, IceServers(), 10.0, on_gone=lambda: None)
    await listener.answer(OBS)
    assert "hearing" in {thread.name for thread in threading.enumerate()}
    close = listener._connection.rtc.close

    async def fail() -> None:
        await close()
        raise ConnectionError("it broke")

    monkeypatch.setattr(listener._connection.rtc, "close", fail)
    with pytest.raises(ConnectionError):
        await listener.close()
    assert voice.closed
    assert "hearing" not in {thread.name for thread in threading.enumerate()}
