"""Who works in a folder: locks that end with their process, however that ends."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".lock"
"""stays in the folder; what counts is who holds it"""


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock, where nobody else does: whether it is ours.

    Raises:
        OSError: the lock's file cannot be made.
    """
    with (folder / LOCK).open("ab") as file:
        yield _locked(file.fileno())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other thread, of this process or another, is alone in a folder, and then be it.

    For moments: nobody is told how long it takes, and who is alone already must not ask again. A folder
    that is not there, or on a network drive that knows no locks, is as free for all as ever.
    """
    with _ALONE if sys.platform == "win32" else _locked_folder(folder):
        yield


_ALONE = threading.Lock()
"""of this process alone, where folders cannot be locked"""


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

    @contextmanager
    def _locked_folder(folder: Path) -> Iterator[None]:
        """The folder itself is locked; no file is made for it."""
        try:
            opened = os.open(folder, os.O_RDONLY)
        except OSError:  # who works in it is told
            yield
            return
        try:
            with suppress(OSError):
                fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


__all__ = ["LOCK", "alone", "held"]
