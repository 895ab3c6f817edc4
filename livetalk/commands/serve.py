"""`livetalk [serve]`: the server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from livetalk.memory import share_heap
from livetalk.settings import Settings, load


def run(arguments: Sequence[str]) -> int:
    """Serve until told to stop.

    Raises:
        LivetalkError: something is missing; says what to do.
    """
    settings = load(arguments)
    set_up(settings)
    from livetalk.server.serving import serve  # its libraries start threads

    asyncio.run(serve(settings))
    return 0


def set_up(settings: Settings) -> None:
    """What comes before a server's libraries are loaded: the log, and the allocator."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("aioice", "aiortc", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    share_heap()
