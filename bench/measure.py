"""Measures one server: `python -m bench.measure --url http://127.0.0.1:8010 --pid 1234 connect sync ...`"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from bench.api import Api, open_api
from bench.errors import BenchError
from bench.process import hurry
from bench.report import Failed, emit, tell
from bench.scenarios.connect import connect
from bench.scenarios.gaps import gaps
from bench.scenarios.interrupt import interrupt
from bench.scenarios.latency import audio_latency, text_latency
from bench.scenarios.leak import leak
from bench.scenarios.load import idle, load
from bench.scenarios.loss import loss
from bench.scenarios.switch import switch
from bench.scenarios.sync import burst_clip, speech_clip, sync
from bench.scenarios.viewers import viewers
from bench.scenarios.voice import voice
from bench.server import Server, serve

_BURSTS_S = 20.0
_LOSS_SHARE = 0.05
_IDLE_S = 10.0

Run = Callable[[Api, Server, argparse.Namespace], Awaitable[Any]]


def _pid(server: Server) -> int:
    if server.pid is None:
        raise BenchError("this scenario needs --pid or --serve")
    return server.pid


async def _loads(api: Api, server: Server, args: argparse.Namespace) -> Any:
    return [await load(api, sessions, args.seconds, server.pid, args.codec) for sessions in args.sessions]


SCENARIOS: dict[str, Run] = {
    "connect": lambda api, server, args: connect(api, args.count, args.codec),
    "audio_latency": lambda api, server, args: audio_latency(api, args.count),
    "text_latency": lambda api, server, args: text_latency(api, args.count),
    "interrupt": lambda api, server, args: interrupt(api, args.count),
    "sync_bursts": lambda api, server, args: sync(api, burst_clip(_BURSTS_S), args.rounds, args.codec),
    "sync_speech": lambda api, server, args: sync(api, speech_clip(), args.rounds, args.codec),
    "gaps": lambda api, server, args: gaps(api, args.minute, args.codec),
    "idle": lambda api, server, args: idle(api, _IDLE_S, _pid(server), args.codec),
    "load": _loads,
    "leak": lambda api, server, args: leak(api, args.viewers, _pid(server)),
    "loss": lambda api, server, args: loss(api, args.count, _IDLE_S, _LOSS_SHARE),
    "viewers": lambda api, server, args: viewers(api, args.watching, args.seconds, _pid(server)),
    "voice": lambda api, server, args: voice(api, args.count, args.jitter / 1000),
    "switch": lambda api, server, args: switch(api, args.count),
}
USUAL = tuple(name for name in SCENARIOS if name not in ("switch", "viewers", "voice"))
"""those that any server can be measured by"""


async def measure(server: Server, names: list[str], args: argparse.Namespace) -> dict[str, Any]:
    """Run scenarios one after the other; one that fails is told and leaves the others alone."""
    results: dict[str, Any] = {}
    async with open_api(server.url) as api:
        for name in names:
            try:
                results[name] = await asyncio.wait_for(SCENARIOS[name](api, server, args), args.limit)
            except TimeoutError:
                results[name] = Failed(f"took longer than {args.limit:.0f} s")
            except BenchError as error:
                results[name] = Failed(str(error))
            tell(name, results[name])
    return results


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.measure", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)}; default: all that any has")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="of a server that runs on this machine")
    where.add_argument("--serve", metavar="COMMAND", help="start it; {port} becomes a free port")
    parser.add_argument("--pid", type=int, help="the server's process, for processor time and memory")
    parser.add_argument("--count", type=int, default=20, help="turns or connections of one scenario")
    parser.add_argument("--rounds", type=int, default=2, help="of the clip in the sync scenarios")
    parser.add_argument("--minute", type=float, default=60.0, help="length of gaps, in seconds")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 4, 8], help="of load")
    parser.add_argument("--seconds", type=float, default=20.0, help="of speech in load")
    parser.add_argument("--viewers", type=int, default=100, help="of leak, more than 10")
    parser.add_argument("--watching", type=int, default=50, help="viewers of one session")
    parser.add_argument("--jitter", type=float, default=0.0, help="of a live voice's packets, in ms")
    parser.add_argument("--codec", choices=["VP8", "H264"], default="", help="take no other")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a scenario may take")
    args = parser.parse_args(arguments)
    unknown = set(args.scenarios) - SCENARIOS.keys()
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    return args


def main() -> int:
    """Measure, print, and say whether every scenario gave its figures."""
    args = parse(sys.argv[1:])
    logging.basicConfig(level=logging.ERROR)
    try:
        with ExitStack() as stack:
            server = stack.enter_context(serve(args.serve)) if args.serve else Server(args.url, args.pid)
            hurry()
            results = asyncio.run(measure(server, args.scenarios or list(USUAL), args))
            emit(results, server.url)
    except BenchError as error:
        print(f"bench.measure: {error}", file=sys.stderr)
        return 1
    return int(any(isinstance(result, Failed) for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
