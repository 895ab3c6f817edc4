"""Measures a push to a stream server: `python -m bench.rtmp --seconds 60`.

A face of its own process goes to a viewer and to a stream server, and FFmpeg pulls the stream back. A server
that is killed and started again shows how soon the stream is there again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.errors import BenchError
from bench.flashes import Watched, broadcasting
from bench.report import emit, plainly, tell
from bench.stream_server import Nginx, pulled, running
from livetalk.assets import asset
from livetalk.avatar.bundle import open_bundle
from livetalk.protocols import Output, OutputOptions, OutputState, Tick, VideoFormat
from livetalk.registry import make_output

FORMAT = VideoFormat("h264", 1_200_000)
LIMIT_S = 60.0
LOOK_S = 0.005
DOWN_S = 5.0


@dataclass(frozen=True, slots=True)
class Stream:
    """What a viewer of the stream server got."""

    seconds: float
    flashes: int
    median_offset_ms: float
    """picture minus sound"""
    worst_offset_ms: float
    """furthest from 0, with its sign"""
    longest_step_ms: float
    """between two pictures"""
    longest_hole_ms: float
    """in the sound"""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A stream server that is away for a while."""

    away_s: float
    noticed_after_ms: float
    live_after_ms: float
    """since it listened again"""


class Viewer:
    """Takes what a browser would, and throws it away."""

    format: VideoFormat | None = FORMAT
    wants_opus = True
    key_frame_s: float | None = None

    def take(self, tick: Tick) -> None:
        """Nothing."""


class Played:
    """The process that plays, seen from outside."""

    def __init__(self, targets: list[str], cache: Path) -> None:
        play = [sys.executable, "-m", "bench.rtmp", "--cache", str(cache), "--play", *targets]
        self._process = subprocess.Popen(play, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_for(self, state: OutputState) -> float:
        """When its output is so, in seconds of the machine's monotonic clock.

        Raises:
            BenchError: it never is.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            at_s, known = json.loads(line)
            if known == state:
                return float(at_s)
        raise BenchError(f"the output was never {state}")

    def end(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=LIMIT_S)


@contextmanager
def played(targets: list[str], cache: Path) -> Iterator[Played]:
    """Play to a viewer and to outputs, until the block ends."""
    process = Played(targets, cache)
    try:
        yield process
    finally:
        process.end()


def play(targets: list[str], cache: Path) -> None:
    """Be that process: play until stdin ends, and tell each change of an output."""
    bundle = open_bundle(asset("data") / "avatars" / "default", cache)
    with broadcasting(lambda pose: bundle.picture(bundle.fold(pose))) as cast:
        cast.add(Viewer())
        outputs = [make_output(target, OutputOptions(FORMAT, 48_000)) for target in targets]
        for output in outputs:
            output.start(cast)
        ended = threading.Event()
        threading.Thread(target=_wait_for_end, args=(ended,)).start()
        _tell_changes(outputs, ended)
        for output in outputs:
            output.stop()


def _wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _tell_changes(outputs: list[Output], ended: threading.Event) -> None:
    known = [""] * len(outputs)
    while not ended.wait(LOOK_S):
        states = [output.status().state for output in outputs]
        if states != known:
            for state in states:
                print(json.dumps([time.monotonic(), state]), flush=True)
            known = list(states)


def measure_stream(server: Nginx, folder: Path, seconds: float, cache: Path) -> Stream:
    """Pull it back for a while."""
    with played([server.url("watched")], cache) as process:
        process.wait_for("live")
        pulled(server.pull("watched", seconds, folder / "pulled.flv"), seconds + LIMIT_S)
    seen = Watched(folder / "pulled.flv")
    offsets = seen.offsets_s * 1000
    return Stream(
        round(seen.length_s, 2),
        len(offsets),
        round(float(np.median(offsets)), 1),
        round(float(offsets[np.abs(offsets).argmax()]), 1),
        round(seen.longest_step_s * 1000, 1),
        round(seen.sound_gap_s * 1000, 1),
    )


def measure_reconnect(server: Nginx, away_s: float, cache: Path) -> Reconnect:
    """Kill the server, and start it again."""
    with played([server.url("again")], cache) as process:
        process.wait_for("live")
        killed_s = time.monotonic()
        server.kill()
        noticed_s = process.wait_for("waiting")
        time.sleep(max(0.0, killed_s + away_s - time.monotonic()))
        server.start()
        back_s = time.monotonic()
        live_s = process.wait_for("live")
    return Reconnect(away_s, round((noticed_s - killed_s) * 1000), round((live_s - back_s) * 1000))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.rtmp", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each measurement (60)")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/livetalk").expanduser())
    parser.add_argument("--play", nargs="*", metavar="TARGET", help="be the process that is measured")
    args = parser.parse_args()
    if args.play is not None:
        play(args.play, args.cache)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Nginx(folder / "nginx")
        with running(server):
            results = {
                "stream": measure_stream(server, folder, args.seconds, args.cache),
                "reconnect": measure_reconnect(server, DOWN_S, args.cache),
            }
        for scenario, result in results.items():
            tell(scenario, result)
        emit(results, server.url("..."))
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
