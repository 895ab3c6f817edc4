"""How late the receiver itself is: what it cannot time better than."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.spread import Spread, spread

_BEAT_S = 0.01


@dataclass(slots=True)
class Lag:
    """The event loop's lateness, and the processor time of this process."""

    late_ms: list[float] = field(default_factory=list)
    cores: float = 0.0

    def summary(self) -> Spread | None:
        """How late beats were."""
        return spread(self.late_ms)


@asynccontextmanager
async def watch_lag() -> AsyncIterator[Lag]:
    """Watch until the block ends; `cores` is set then."""
    lag = Lag()
    started_s, used_s = time.monotonic(), time.process_time()
    task = asyncio.create_task(_beat(lag))
    try:
        yield lag
    finally:
        task.cancel()
        lag.cores = round((time.process_time() - used_s) / (time.monotonic() - started_s), 3)


async def _beat(lag: Lag) -> None:
    while True:
        due_s = time.monotonic() + _BEAT_S
        await asyncio.sleep(_BEAT_S)
        lag.late_ms.append((time.monotonic() - due_s) * 1000)
