"""What a sound server plays, recorded from its sink."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import numpy as np

from bench.sound_server import RATE, SINK, PulseServer
from livetalk.types import Float32Array

PIECE = 480
"""frames that the recorder reads at once"""


class SoundRecorder:
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


__all__ = ["SoundRecorder"]
