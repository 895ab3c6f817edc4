"""The command line: `livetalk [serve] --setting value ...`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence

from livetalk.errors import LivetalkError
from livetalk.memory import share_heap
from livetalk.settings import Settings, load

logger = logging.getLogger(__name__)

COMMANDS = ("serve",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the process' exit status comes back."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = given.pop(0) if given and not given[0].startswith("-") else COMMANDS[0]
    if command not in COMMANDS:
        return _fail(f"unknown command {command!r}; there are: {', '.join(COMMANDS)}")
    try:
        settings = load(given)
        _set_up_logging(settings)
        return _serve(settings)
    except (LivetalkError, OSError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:  # while it loads, or where the loop cannot handle signals: Windows
        return 0


def _serve(settings: Settings) -> int:
    share_heap()
    from livetalk.server.app import serve  # its libraries start threads

    asyncio.run(serve(settings))
    return 0


def _set_up_logging(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("aioice", "aiortc", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _fail(message: str) -> int:
    sys.stderr.write(f"livetalk: {message}\n")
    return 1
