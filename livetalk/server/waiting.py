"""Waiting for what takes long, as long as the caller waits too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

from livetalk.errors import TimedOut

LOOK_S = 0.5
"""how often it is looked whether the caller is still there: aiohttp tells a handler nothing"""

Result = TypeVar("Result")


async def while_there(request: web.Request, work: Awaitable[Result], limit_s: float, late: str) -> Result:
    """Wait for `work`; it is cancelled where it is late, or nobody waits for it any more.

    Raises:
        TimedOut: `limit_s` seconds have passed; says what is `late`.
        ConnectionResetError: the caller left.
    """
    working = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    until = loop.time() + limit_s
    try:
        while not working.done():
            left = until - loop.time()
            if left <= 0:
                raise TimedOut(f"{late} within {limit_s:g} s")
            await asyncio.wait((working,), timeout=min(LOOK_S, left))
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("the client left before it was answered")
        return working.result()
    finally:
        working.cancel()


__all__ = ["while_there"]
