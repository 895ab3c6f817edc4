"""PulseAudio of one's own, with a sink that plays nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench.errors import BenchError

RATE = 48_000
SINK = "livetalk"
START_S = 20.0


class PulseServer:
    """Runs in a folder of its own; nothing of the machine's sound is touched."""

    def __init__(self) -> None:
        """Prepare it.

        Raises:
            BenchError: a program is missing.
        """
        if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
            raise BenchError("needs a sound server: apt-get install pulseaudio pulseaudio-utils")
        self._folder = tempfile.TemporaryDirectory(prefix="livetalk-pulse-")
        self.socket = Path(self._folder.name) / "native"
        self.environment = {
            "XDG_RUNTIME_DIR": self._folder.name,
            "PULSE_RUNTIME_PATH": self._folder.name,
            "HOME": self._folder.name,
            "PULSE_SERVER": f"unix:{self.socket}",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            BenchError: it does not.
        """
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"),
                *("-L", f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"),
                *("-L", f"module-null-sink sink_name={SINK} rate={RATE} channels=2"),
            ],
            env=os.environ | self.environment,
            stderr=subprocess.DEVNULL,
        )
        give_up = time.monotonic() + START_S
        while self._ask("info").returncode:
            if time.monotonic() > give_up or self._process.poll() is not None:
                raise BenchError("pulseaudio does not start")
            time.sleep(0.05)

    def receives(self) -> bool:
        """A device that is open plays: what cannot is told at once."""
        return True

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End it, and leave nothing."""
        self.kill()
        self._folder.cleanup()

    def _ask(self, question: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["pactl", question], env=os.environ | self.environment, capture_output=True, check=False
        )


__all__ = ["RATE", "SINK", "PulseServer"]
