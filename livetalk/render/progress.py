"""How far a rendering is: a bar on a terminal, and one line at the end everywhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from livetalk.types import FRAME_S

WIDTH = 16
"""characters of the bar"""
EVERY_S = 0.2
_ERASE = "\r\x1b[K"


class Progress:
    """Counts pictures; a context, so that the bar's line is ended whatever happens."""

    def __init__(self, pictures: int, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._pictures = pictures
        self._out = out
        self._clock = clock
        self._began = self._told = clock()
        self._done = 0
        self._bar = out.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._out.write(_ERASE)
        if error is None:
            self._out.write(f"{self._done} pictures, {self._done * FRAME_S:.2f} s: {self._speed()}\n")
        self._out.flush()

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        now = self._clock()
        if self._bar and now - self._told >= EVERY_S:
            self._told = now
            self._out.write(_ERASE + self._line())
            self._out.flush()

    def _line(self) -> str:
        filled = WIDTH * self._done // self._pictures
        left_s = (self._pictures - self._done) * self._passed_s() / self._done
        bar = "#" * filled + "." * (WIDTH - filled)
        line = f"[{bar}] {self._done}/{self._pictures}, {self._speed()}, {left_s:.0f} s left"
        return line[: shutil.get_terminal_size().columns - 1]

    def _speed(self) -> str:
        rate = self._done / self._passed_s()
        return f"{rate:.1f} a second, {rate * FRAME_S:.2f} x real time"

    def _passed_s(self) -> float:
        return max(self._clock() - self._began, 1e-6)


__all__ = ["Progress"]
