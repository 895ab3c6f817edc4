"""The command line: `livetalk [COMMAND] ...`; without a command it serves."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from livetalk.commands import STOPPED
from livetalk.errors import LivetalkError

COMMANDS = (
    *("serve", "avatar", "devices", "doctor", "mark", "models", "preview", "push", "render", "speak"),
    "voices",
)
"""modules of `livetalk.commands`; the first is what is meant when none is named"""

BROKEN_PIPE = 141
"""exit status where nobody reads any more what is told, as shells have it"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the process' exit status comes back."""
    _have_outlets()
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and not given[0].startswith("-") else COMMANDS[0]
    if name not in COMMANDS:
        return _fail(f"unknown command {name!r}; there are: {', '.join(COMMANDS)}")
    try:
        command: ModuleType = importlib.import_module(f"livetalk.commands.{name}")
        status: int = command.run(given)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # who read what we tell has enough of it: `| head -1`
        _silence()
        return BROKEN_PIPE
    except (LivetalkError, OSError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:  # while it loads, or where a server's loop cannot handle signals: Windows
        if name == COMMANDS[0]:
            return 0
        _fail("stopped")
        return STOPPED


def _have_outlets() -> None:
    """Give the process somewhere to tell: one that was started without standard output has None."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8"))


def _silence() -> None:
    """Let what is still in standard output's buffer go nowhere: Python would complain of it at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _fail(message: str) -> int:
    sys.stderr.write(f"livetalk: {message}\n")
    return 1
