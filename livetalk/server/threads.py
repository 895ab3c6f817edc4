"""Work that blocks, done beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Do it in one of the loop's own threads; what it gives, or raises, comes back."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def in_thread_or_undone(work: Callable[[], Result], undo: Callable[[Result], object]) -> Result:
    """The same for work that leaves something behind, a thread or a file, which nobody else knows of yet.

    A thread cannot be cancelled. Where who waits for it is, the work goes on to its end, and is undone then.
    """
    doing = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await in_thread(partial(undo, await doing))
        raise


__all__ = ["in_thread", "in_thread_or_undone"]
