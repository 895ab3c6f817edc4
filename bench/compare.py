"""Sets two servers side by side on a noisy machine: the same load on each, in turns, and the ratio.

`python -m bench.compare --url A --pid 1 --baseline-url B --baseline-pid 2`
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from dataclasses import dataclass

import numpy as np

from bench.api import open_api
from bench.errors import BenchError
from bench.process import hurry
from bench.report import emit, tell
from bench.scenarios.load import Load, load
from bench.server import Server

_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One server's cost against another's, from rounds that took turns."""

    sessions: int
    rounds: int
    cores_per_session: float
    """median over the rounds"""
    baseline_cores_per_session: float
    ratio: float
    """median of the rounds' own ratios; below 1 the server costs less than the baseline"""
    slowest_fps: float
    baseline_slowest_fps: float
    worst_p99_gap_ms: float
    baseline_worst_p99_gap_ms: float
    dropouts: int
    baseline_dropouts: int


def summarise(own: list[Load], baseline: list[Load]) -> Comparison:
    """Compare rounds that were run in pairs, both with a known process."""
    own_cores = [one.server_cores_per_session or 0.0 for one in own]
    baseline_cores = [one.server_cores_per_session or 0.0 for one in baseline]
    ratios = [a / b for a, b in zip(own_cores, baseline_cores, strict=True) if b > 0]
    return Comparison(
        sessions=own[0].sessions,
        rounds=len(own),
        cores_per_session=round(float(np.median(own_cores)), 3),
        baseline_cores_per_session=round(float(np.median(baseline_cores)), 3),
        ratio=round(float(np.median(ratios)), 3),
        slowest_fps=min(one.slowest_fps for one in own),
        baseline_slowest_fps=min(one.slowest_fps for one in baseline),
        worst_p99_gap_ms=max(one.worst_p99_gap_ms for one in own),
        baseline_worst_p99_gap_ms=max(one.worst_p99_gap_ms for one in baseline),
        dropouts=sum(one.dropouts for one in own),
        baseline_dropouts=sum(one.dropouts for one in baseline),
    )


async def compare(server: Server, baseline: Server, args: argparse.Namespace) -> Comparison:
    """Load one, then the other, `args.rounds` times.

    Raises:
        BenchError: one of them failed.
    """
    own: list[Load] = []
    other: list[Load] = []
    async with open_api(server.url) as api, open_api(baseline.url) as baseline_api:
        for _ in range(args.rounds):
            for target, one, results in ((api, server, own), (baseline_api, baseline, other)):
                results.append(await load(target, args.sessions, args.seconds, one.pid))
                await asyncio.sleep(_PAUSE_S)
    return summarise(own, other)


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="bench.compare", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--baseline-url", required=True)
    parser.add_argument("--baseline-pid", type=int, required=True)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15.0, help="of speech in each round")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    server, baseline = Server(args.url, args.pid), Server(args.baseline_url, args.baseline_pid)
    hurry()
    try:
        result = asyncio.run(compare(server, baseline, args))
    except BenchError as error:
        print(f"bench.compare: {error}", file=sys.stderr)
        return 1
    tell("compare", result)
    emit({"compare": result}, server.url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
