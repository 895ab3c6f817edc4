"""Memory: how allocator, garbage collector and system treat a process whose many threads must not wait."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys

from livetalk.errors import SettingsError

logger = logging.getLogger(__name__)

M_ARENA_MAX = -8
"""mallopt's number for the most arenas (glibc, malloc.h)"""
MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
"""mlockall's flags: what is there, what comes, and both only once it is used (mlockall(2))"""


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


def lock() -> None:
    """Keep all that is used from now on in memory until the process ends.

    A system that is short of memory takes back pages that were not used for a while, those of program files
    first. Whoever needs one then waits for the disk, and all threads with it while it holds the interpreter.

    Raises:
        SettingsError: the system cannot, or does not allow it; says what to do.
    """
    if sys.platform != "linux":
        raise SettingsError("lock_memory needs Linux: set it to no")
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    # a bound between nothing and infinity would be met in mid-session, as memory that cannot be had;
    # at nothing the system refuses at once, unless this process may pass any bound (CAP_IPC_LOCK)
    at_most = most if most == resource.RLIM_INFINITY else 0
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (at_most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT):
        raise SettingsError(
            f"lock_memory: the system refuses ({os.strerror(ctypes.get_errno())}); allow it with "
            "LimitMEMLOCK=infinity (systemd), --ulimit memlock=-1 (Docker) or memlock unlimited in "
            "/etc/security/limits.conf, or set lock_memory to no"
        )


def pages_read() -> int:
    """How many pages this process had to wait for, from the disk; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_majflt
