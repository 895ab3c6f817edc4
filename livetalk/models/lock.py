"""One download at a time into a folder: two would write into the same `.part` files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livetalk.errors import ModelError

LOCK = ".lock"
"""stays in the folder; what counts is who holds it, and the system lets go of it when that process ends"""


@contextmanager
def alone_in(models: Path) -> Iterator[None]:
    """Keep other downloads out of `models`, where the system can.

    Raises:
        ModelError: one is at work there.
        OSError: the lock's file cannot be made.
    """
    with (models / LOCK).open("ab") as file:
        if not _locked(file.fileno()):
            raise ModelError(
                f"another download into {models} is at work; wait for its end, or stop it: what came so far "
                "is kept"
            )
        yield


if sys.platform == "win32":

    def _locked(file: int) -> bool:
        """Nothing is locked here."""
        return True

else:
    import fcntl

    def _locked(file: int) -> bool:
        """Whether it is ours now; also where the file system knows no locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # as some network drives
            return True
        return True


__all__ = ["LOCK", "alone_in"]
