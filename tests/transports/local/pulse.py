"""A sound server of the test's own: PulseAudio with a sink that plays nowhere, and what it played."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from livetalk.types import Float32Array

RATE = 48_000
SINK = "livetalk"
START_S = 20.0
PIECE = 480
"""frames that the recorder reads at once"""


class PulseServer:
    """Runs in a folder of its own; nothing of the machine's sound is touched."""

    def __init__(self) -> None:
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
        """Start it, and wait until it answers."""
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
            assert time.monotonic() < give_up, "pulseaudio does not start"
            assert self._process.poll() is None, "pulseaudio ended"
            time.sleep(0.05)

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


class Recorder:
    """Records what the sink plays, and knows when each sample was heard."""

    def __init__(self, server: PulseServer) -> None:
        self._process = subprocess.Popen(
            [
                *("parec", "-d", f"{SINK}.monitor", "--raw", "--format=s16le", "--channels=1"),
                *(f"--rate={RATE}", "--latency-msec=5"),
            ],
            env=os.environ | server.environment,
            stdout=subprocess.PIPE,
        )
        self._pieces: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read, name="recorder")
        self._thread.start()

    def stop(self) -> tuple[Float32Array, float]:
        """What was heard, -1 to 1, and when its first sample was, in seconds of time.monotonic()."""
        self._process.terminate()
        self._thread.join()
        self._process.wait()
        ends = np.cumsum([len(piece) // 2 for _, piece in self._pieces])
        # pieces come late, never early: the least late of them tells when recording began
        begin_s = min(at - end / RATE for (at, _), end in zip(self._pieces, ends, strict=True))
        pcm = np.frombuffer(b"".join(piece for _, piece in self._pieces), np.int16)
        sound: Float32Array = (pcm / 32768).astype(np.float32)
        return sound, float(begin_s)

    def _read(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(2 * PIECE):
            self._pieces.append((time.monotonic(), piece))
