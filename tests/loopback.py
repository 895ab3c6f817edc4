"""Servers on this machine for tests: on the test's event loop, or on a thread of their own beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes import WAIT_S

T = TypeVar("T")

BODY_LIMIT = 1 << 26
"""bytes"""


@asynccontextmanager
async def served(routes: Sequence[web.AbstractRouteDef]) -> AsyncIterator[str]:
    """Serve on a free port of loopback; yields the address, as http://127.0.0.1:40123."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app.add_routes(routes)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Beside:
    """An event loop on a thread of its own, since what is tested blocks the test's."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    @contextmanager
    def serving(self, routes: Sequence[web.AbstractRouteDef]) -> Iterator[str]:
        """Serve there, as `served` does, and end the thread."""
        self._thread.start()
        server = served(routes)
        try:
            yield self.do(server.__aenter__())
            self.do(server.__aexit__(None, None, None))
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(WAIT_S)
            self.loop.close()


__all__ = ["Beside", "served"]
