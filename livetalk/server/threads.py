"""Work that blocks, done beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Do it in one of the loop's own threads; what it gives, or raises, comes back."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


__all__ = ["in_thread"]
