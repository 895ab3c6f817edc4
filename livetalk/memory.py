"""Memory: allocator and garbage collector for a process of many threads, and what it had to wait for."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys

logger = logging.getLogger(__name__)

M_ARENA_MAX = -8
"""mallopt's number for the most arenas (glibc, malloc.h)"""


def share_heap() -> None:
    """Let all threads allocate from one heap; call it before anything starts a thread.

    glibc gives threads heaps of their own. What a closed session leaves in one is not used by the
    next session, whose threads were given others, and the process grows with every viewer. Other
    allocators have no such setting.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc: macOS, musl, Windows
        logger.debug("the allocator has no arenas to limit")
        return
    mallopt(M_ARENA_MAX, 1)


def let_go() -> None:
    """Free what refers to itself and is used no more; call it after sessions have ended.

    A connection does, and holds the avatar that it showed. Left alone it would stay for minutes: the garbage
    collector counts what is made anew and stays, and that is little. It takes milliseconds after `settle`;
    before, nothing is done.
    """
    if gc.get_freeze_count():
        gc.collect()


def settle() -> None:
    """Let the garbage collector pass over all that was loaded and stays; call it when all is loaded.

    Its passes are then short, so that they do not hold up a tick, and come often enough to find
    closed connections, which refer to themselves.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # a full pass comes when a quarter of what the one before found is new: let that be little


def pages_read() -> int:
    """How many pages this process had to wait for, from the disk; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_majflt
