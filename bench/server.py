"""Starts and stops a server to be measured."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bench.errors import BenchError

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server to be measured."""

    url: str
    pid: int | None
    """None: its processor time and memory are not known"""


@contextmanager
def serve(command: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a command until the block ends; `{port}` in it becomes a free port.

    Raises:
        BenchError: it ended, or did not listen in time.
    """
    port = _free_port()
    words = shlex.split(command.replace("{port}", str(port)))
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **(environment or {})}
    )
    try:
        _wait_until_listening(process, port)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    until_s = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < until_s:
        if process.poll() is not None:
            raise BenchError(f"the server ended by itself with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise BenchError(f"the server did not listen on port {port} within {_START_TIMEOUT_S:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and everything it started; insist after a while."""
    for wanted in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, wanted)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue
