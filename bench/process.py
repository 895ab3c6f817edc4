"""What a process and its children use, read from /proc."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_EAGER = -10


@dataclass(frozen=True, slots=True)
class Usage:
    """A process tree at one moment."""

    at_s: float
    """time.monotonic()"""
    cpu_s: float
    """user and system time of all its processes since each began"""
    rss_mb: float
    """resident memory; shared pages count once for each process"""
    pages_read: int
    """of memory, which a process had to wait for until they came from the disk, since each began"""
    threads: int
    open_files: int
    processes: int


def usage(pid: int) -> Usage:
    """Look at process `pid` and everything it started.

    Raises:
        ProcessLookupError: there is no such process.
    """
    pids = list(_tree(pid))
    stats = [fields for one in pids if (fields := _stat(one)) is not None]
    if not stats:
        raise ProcessLookupError(f"no process {pid}")
    return Usage(
        at_s=time.monotonic(),
        cpu_s=sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK"),
        rss_mb=round(sum(int(fields[21]) for fields in stats) * os.sysconf("SC_PAGE_SIZE") / 2**20, 1),
        pages_read=sum(int(fields[9]) for fields in stats),
        threads=sum(int(fields[17]) for fields in stats),
        open_files=sum(_open_files(one) for one in pids),
        processes=len(stats),
    )


def hurry() -> None:
    """Let this process run before others, where that is allowed, so that it times what it receives.

    Without it, on a busy machine, a packet waits for the receiver and the server gets the blame.
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _EAGER)


def cores(before: Usage, after: Usage) -> float:
    """How many cores were busy between two looks."""
    return (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for listing in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            yield from _tree(int(child))


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the third on (proc(5) counts from one)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _open_files(pid: int) -> int:
    try:
        return len(os.listdir(_PROC / str(pid) / "fd"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
