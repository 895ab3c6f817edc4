"""A worker: a named thread that its owner starts, tells to stop, and waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from livetalk.errors import StageError

STOP_TIMEOUT_S = 5.0


LOOK_UP_S = 0.5


def patience_s() -> float | None:
    """How long one wait of this thread may last; None for ever.

    The main thread looks up now and then: a Ctrl+C that comes in the moment before it begins to wait does not
    wake it, and on Windows none does.
    """
    return LOOK_UP_S if threading.current_thread() is threading.main_thread() else None


class Worker(threading.Thread):
    """Not a daemon: its owner has to stop it, and one that is stuck is reported by name."""

    def __init__(self, name: str, run: Callable[[], object]) -> None:
        super().__init__(target=run, name=name)

    def wait(self) -> None:
        """Wait until it ended, after it was told to.

        Raises:
            StageError: it did not end in time; something that it calls blocks.
        """
        if self.ident is None:
            return
        self.join(STOP_TIMEOUT_S)
        if self.is_alive():
            raise StageError(f"{self.name!r} did not stop within {STOP_TIMEOUT_S:g} s")
