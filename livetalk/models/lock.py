"""One download at a time into a folder: two would write into the same `.part` files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livetalk.errors import ModelError
from livetalk.locks import held


@contextmanager
def alone_in(models: Path) -> Iterator[None]:
    """Keep other downloads out of `models`, where the system can.

    Raises:
        ModelError: one is at work there.
        OSError: the lock's file cannot be made.
    """
    with held(models) as ours:
        if not ours:
            raise ModelError(
                f"another download into {models} is at work; wait for its end, or stop it: what came so far "
                "is kept"
            )
        yield


__all__ = ["alone_in"]
