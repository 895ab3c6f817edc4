"""werift as a WHIP server, on a port of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from urllib.request import urlopen

from bench.errors import BenchError
from bench.stream_server import free_port

ANSWER_S = 10.0
SCRIPT = Path(__file__).resolve().parents[1] / "tests" / "node" / "whip_server.mjs"


class WhipServer:
    """Takes publishers, and counts what they send."""

    def __init__(self) -> None:
        """Prepare it.

        Raises:
            BenchError: node or its packages are missing.
        """
        node = shutil.which("node")
        if node is None or not (SCRIPT.parent / "node_modules" / "werift").exists():
            raise BenchError("needs a WHIP server: node, and npm ci in tests/node")
        self._node = node
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> str:
        """Of an output."""
        return f"whip+http://127.0.0.1:{self._port}/whip/live"

    def start(self) -> None:
        """Run it, until it listens.

        Raises:
            BenchError: it does not.
        """
        self._process = subprocess.Popen([self._node, SCRIPT, str(self._port)], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise BenchError("the WHIP server did not start")

    def receives(self) -> bool:
        """Whether pictures came since it was started."""
        with urlopen(f"http://127.0.0.1:{self._port}/", timeout=ANSWER_S) as answer:
            kinds = json.load(answer)["kinds"]
        return bool(kinds.get("video", {"packets": 0})["packets"])

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


__all__ = ["WhipServer"]
