"""An output that keeps what it is given."""

from __future__ import annotations

import threading

import numpy as np

from livetalk.errors import OutputError
from livetalk.protocols import MediaSource, OutputOptions, OutputState, OutputStatus, Tick, VideoFormat

LOUD = 500
WAIT_S = 10.0
SLOW_TICKS = 40
"""that a slow one needs to be ready"""


class Collecting:
    """Counts; its target says how it does: `collect:refused`, `:failing`, `:slow` to be ready, `:away`.

    `collect:waiting` does not start before somebody lets it.
    """

    key_frame_s = None
    wants_opus = False
    started: list[Collecting]

    def __init__(self, target: str, options: OutputOptions) -> None:
        self.format: VideoFormat | None = options.video
        self.ticks = 0
        self.loud = 0
        self.state: OutputState = "starting"
        self.starting = threading.Event()
        self.may_start = threading.Event()
        self._way = target.partition(":")[2]
        if self._way == "nowhere":
            raise OutputError("this goes nowhere")
        self._source: MediaSource | None = None

    def start(self, source: MediaSource) -> None:
        """Begin to count."""
        Collecting.started.append(self)
        if self._way == "refused":
            raise OutputError("this output needs something that is not here; install it")
        self.starting.set()
        if self._way == "waiting":
            self.may_start.wait(WAIT_S)
        self.state = {"failing": "failed", "slow": "starting", "away": "starting"}.get(self._way, "live")  # type: ignore[assignment]
        self._source = source
        source.add(self)

    def take(self, tick: Tick) -> None:
        """Count."""
        self.ticks += 1
        if self.ticks == SLOW_TICKS and self._way == "slow":
            assert self.loud == 0
            self.state = "live"
        self.loud += bool(np.abs(tick.frame.pcm.astype(int)).mean() > LOUD)

    def stop(self) -> None:
        """Count no more."""
        if self._source is not None:
            self._source.remove(self)
        self.state = "stopped"

    def status(self) -> OutputStatus:
        """How many."""
        return OutputStatus(self.state, "it broke" if self.state == "failed" else "", self.ticks)
