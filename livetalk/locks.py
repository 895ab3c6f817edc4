"""Who works in a folder: a lock that ends with its process, however that ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


__all__ = ["LOCK", "held"]
