"""All outputs of one session at once, their servers killed at random: `python -m bench.soak --minutes 30`.

A session speaks a script without end into a stream server, a WHIP server, a sound device and a file, and is
watched by WHEP.
Now and then one of the servers is killed and started again, a viewer vanishes, or a line is cut off. What
counts is that the viewer who stays notices nothing, that everything is there again soon, and nothing grows.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.api import Api, open_api
from bench.errors import BenchError
from bench.gaps import FREEZE_S, gaps_s
from bench.lag import watch_lag
from bench.onlookers import Onlooker
from bench.process import Usage, cores, hurry, usage
from bench.report import emit, plainly, tell
from bench.sound_server import PulseServer
from bench.spread import Spread, spread
from bench.stream_server import Nginx, free_port
from bench.whip_server import WhipServer

LINES = (
    "This face goes to a stream server, to a WHIP server, into a file, and to whoever watches.\n"
    "Now and then one of them is not there any more, and the others do not notice.\n"
    "How much wood would a woodchuck chuck, if a woodchuck could chuck wood?\n"
)
LOOK_S = 0.25
EACH_S = (8.0, 25.0)
"""between two troubles"""
AWAY_S = (1.0, 8.0)
"""how long a server that was killed is away"""
BACK_S = 60.0
"""by then an output must be live again"""
START_S = 60.0
SETTLE_S = 20.0
TENTHS = 10


class Restartable(Protocol):
    """A server that can be killed."""

    def start(self) -> None:
        """Run it."""

    def kill(self) -> None:
        """End it at once."""

    def receives(self) -> bool:
        """Whether anything came since it was started, as it says itself."""


@dataclass(frozen=True, slots=True)
class Soak:
    """What was measured."""

    minutes: float
    troubles: dict[str, int]
    back_s: dict[str, Spread | None]
    """output -> from its server being there again to its being live again"""
    states: dict[str, str]
    """in the end"""
    viewer_fps: float
    viewer_p99_gap_ms: float
    viewer_longest_gap_ms: float
    viewer_freezes: int
    receiver_lag_ms: Spread | None
    """how late this process itself was, on the same machine: a stall of both is not the server's"""
    server_cores: float
    settled: Usage
    ended: Usage
    rss_mb: list[float]
    """the server's, in the beginning and after each tenth of the time"""


@dataclass(slots=True)
class Pushing:
    """`livetalk push` at work."""

    process: asyncio.subprocess.Process
    session: str
    api: Api

    @property
    def pid(self) -> int:
        """Of the server."""
        return self.process.pid


@asynccontextmanager
async def pushing(
    folder: Path, targets: dict[str, str], environment: dict[str, str]
) -> AsyncIterator[Pushing]:
    """Push a script without end to targets, until the block ends."""
    script = folder / "lines.txt"
    script.write_text(LINES, encoding="utf-8")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "push", *targets, "--script", str(script), "--loop"),
        *("--outputs", ",".join(f"{name}={target}" for name, target in targets.items())),
        *("--port", str(port), "--log-level", "warning"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        if not line.startswith(b"session "):
            raise BenchError("push did not start")
        async with open_api(f"http://127.0.0.1:{port}") as api:
            yield Pushing(process, line.split()[1].decode(), api)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


class Troubles:
    """Picks one after another, and watches that each passes."""

    def __init__(self, pushed: Pushing, servers: dict[str, Restartable], seed: int) -> None:
        self._pushed = pushed
        self._servers = servers
        self._random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.back_s: dict[str, list[float]] = {name: [] for name in servers}

    async def go_on(self, until_s: float) -> None:
        """Make trouble until then."""
        kinds = [*self._servers, "a viewer vanishes", "interrupt"]
        while time.monotonic() < until_s:
            await asyncio.sleep(self._random.uniform(*EACH_S))
            kind = self._random.choice(kinds)
            self.counts[kind] += 1
            if kind == "interrupt":
                await self._pushed.api.interrupt(self._pushed.session)
            elif kind in self._servers:
                await self._kill(kind)
            else:
                await self._vanish()

    async def _kill(self, name: str) -> None:
        server = self._servers[name]
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(self._random.uniform(*AWAY_S))
        await asyncio.to_thread(server.start)
        began = time.monotonic()
        await self._live(name, began)
        self.back_s[name].append(time.monotonic() - began)

    async def _live(self, name: str, since_s: float) -> None:
        """Wait until an output is live, and its server has got something since."""
        before = (await self.outputs())[name]["ticks"]
        while True:
            state = (await self.outputs())[name]
            live = state["state"] == "live" and state["ticks"] > before
            if live and await asyncio.to_thread(self._servers[name].receives):
                return
            if time.monotonic() > since_s + BACK_S:
                raise BenchError(f"{name} was not live again within {BACK_S:g} s: {state}")
            await asyncio.sleep(LOOK_S)

    async def _vanish(self) -> None:
        onlooker = Onlooker()
        await onlooker.watch(self._pushed.api, self._pushed.session)
        await asyncio.sleep(self._random.uniform(0.5, 3.0))
        await onlooker.close()

    async def outputs(self) -> dict[str, dict[str, Any]]:
        """Each by its name."""
        return {each["output"]: each for each in await self._pushed.api.outputs(self._pushed.session)}


async def soak(minutes: float, seed: int) -> Soak:
    """Run it.

    Raises:
        BenchError: something was not there again in time.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nginx, whip, sound = Nginx(folder / "nginx"), WhipServer(), PulseServer()
        servers: dict[str, Restartable] = {"rtmp": nginx, "whip": whip, "sound": sound}
        async with AsyncExitStack() as stack:
            for server in servers.values():
                server.start()
                stack.callback(server.kill)
            targets = {
                "rtmp": nginx.url("soak"),
                "whip": whip.target,
                "sound": "sound:pulse",
                "file": f"file:{folder / 'soak.mp4'}",
            }
            pushed = await stack.enter_async_context(pushing(folder, targets, sound.environment))
            onlooker = Onlooker()
            stack.push_async_callback(onlooker.close)
            await onlooker.watch(pushed.api, pushed.session)
            troubles = Troubles(pushed, servers, seed)
            await asyncio.sleep(SETTLE_S)
            settled, start_s = usage(pushed.pid), time.monotonic()
            lag = await stack.enter_async_context(watch_lag())
            rss_mb = [settled.rss_mb]
            for tenth in range(1, TENTHS + 1):
                await troubles.go_on(start_s + minutes * 60 * tenth / TENTHS)
                rss_mb.append(usage(pushed.pid).rss_mb)
            await asyncio.sleep(SETTLE_S)
            ended, end_s = usage(pushed.pid), time.monotonic()
            states = {name: each["state"] for name, each in (await troubles.outputs()).items()}
    gaps_ms = [gap * 1000 for gap in gaps_s(onlooker.arrivals.pictures, start_s, end_s)]
    found = spread(gaps_ms)
    assert found is not None
    return Soak(
        minutes=round((end_s - start_s) / 60, 2),
        troubles=dict(troubles.counts),
        back_s={name: spread(values) for name, values in troubles.back_s.items()},
        states=states,
        viewer_fps=round(len(gaps_ms) * 1000 / sum(gaps_ms), 3),
        viewer_p99_gap_ms=found.p99,
        viewer_longest_gap_ms=found.max,
        viewer_freezes=sum(gap > FREEZE_S * 1000 for gap in gaps_ms),
        receiver_lag_ms=lag.summary(),
        server_cores=round(cores(settled, ended), 3),
        settled=settled,
        ended=ended,
        rss_mb=rss_mb,
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    hurry()
    result = asyncio.run(soak(args.minutes, args.seed))
    tell("soak", result)
    emit({"soak": result}, "http://127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
