"""Serving: load, listen, run until told to stop, let go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from livetalk import memory
from livetalk.errors import SettingsError
from livetalk.server.app import HOUSE, House, build
from livetalk.server.options import ice_servers, service_options
from livetalk.server.threads import in_thread, in_thread_or_undone
from livetalk.service import Service
from livetalk.settings import Settings

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.001
"""how long a busy thread may keep the interpreter from one whose tick has come; Python's own is 5 ms"""
SHUTDOWN_LIMIT_S = 5.0
"""how long requests may go on when the server is told to stop"""

Work = Callable[[House, str], Coroutine[Any, Any, None]]
"""something to do, with the server's address, while it serves"""


async def serve(settings: Settings, work: Work | None = None) -> None:
    """Load everything, listen, and run until SIGINT or SIGTERM, or until `work` is done.

    Raises:
        LivetalkError: something is missing or the port is taken; the message says what to do.
    """
    loop = asyncio.get_running_loop()
    if not ice_servers(settings).need_secret and settings.turn_secret is not None:
        logger.warning(
            "LIVETALK_TURN_SECRET is not used: ice_servers names no TURN server without credentials"
        )
    options = service_options(settings)
    service = await in_thread_or_undone(lambda: Service(options), undo=Service.close)
    try:
        app = build(settings, service)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_LIMIT_S)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await _listen(site, settings)
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            memory.settle()
            address = await in_thread(lambda: _address(runner, settings))  # it may ask a name server
            hint = "/#token=..., with LIVETALK_TOKEN" if settings.token else ""
            logger.info("ready: open %s%s", address, hint)
            await _until_told_to_stop(loop, None if work is None else work(app[HOUSE], address))
            logger.info("stopping")
        finally:
            await runner.cleanup()
    finally:
        await in_thread(service.close)


async def _listen(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "choose another --port or --host"
        ) from error


def _address(runner: web.AppRunner, settings: Settings) -> str:
    """Where to open the page, as this machine is called by others if they may come."""
    host, port = settings.host, runner.addresses[0][1]
    if host in ("0.0.0.0", "::"):
        host = socket.getfqdn()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


async def _until_told_to_stop(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None] | None
) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told.set)
    waiting = asyncio.create_task(_wait(told))
    working = waiting if work is None else asyncio.create_task(work)
    try:
        await asyncio.wait((waiting, working), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        for task in (waiting, working):
            task.cancel()
        await asyncio.gather(waiting, working, return_exceptions=True)


async def _wait(told: asyncio.Event) -> None:
    await told.wait()
