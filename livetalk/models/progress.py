"""How far a long job is: a line that is rewritten on a terminal, silence anywhere else."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Protocol, TextIO

EVERY_S = 0.2


class Watch(Protocol):
    """Told of each step of a long job."""

    def __call__(self, label: str, done: int, size: int) -> None:
        """So many bytes of `size` are done; the label says of what."""
        ...


class Progress:
    """Lines that stay, and under them one that tells how far it is."""

    def __init__(self, lines: TextIO, live: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._lines = lines
        self._live = live if live.isatty() else None
        self._clock = clock
        self._label = ""
        self._start = (0, 0.0)
        self._told_s = 0.0
        self._width = 0

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._lines.write(line + "\n")
        self._lines.flush()

    def watch(self, label: str, done: int, size: int) -> None:
        """Rewrite the live line, some times a second."""
        if self._live is None:
            return
        now_s = self._clock()
        if label != self._label or done < self._start[0]:
            self._label, self._start, self._told_s = label, (done, now_s), now_s - EVERY_S
        if now_s - self._told_s < EVERY_S and done < size:
            return
        self._told_s = now_s
        text = _told(label, done, size, done - self._start[0], now_s - self._start[1])
        text = text[: shutil.get_terminal_size().columns - 1]
        self._live.write("\r" + text.ljust(self._width))
        self._live.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Take the live line away."""
        if self._live is not None and self._width:
            self._live.write("\r" + " " * self._width + "\r")
            self._live.flush()
        self._label, self._width = "", 0


def bytes_text(count: float) -> str:
    """A number of bytes as people say it: 748 B, 3.40 GB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.{2 if count < 10 * scale else 0}f} {unit}"
    return f"{count:.0f} B"


def _told(label: str, done: int, size: int, gained: int, seconds: float) -> str:
    text = f"  {label}  {done / max(size, 1):4.0%}  {bytes_text(done)} of {bytes_text(size)}"
    if gained <= 0 or seconds <= 0:
        return text
    rate = gained / seconds
    minutes, rest_s = divmod(round((size - done) / rate), 60)
    return f"{text}  {bytes_text(rate)}/s  {minutes}:{rest_s:02} left"


__all__ = ["Progress", "Watch", "bytes_text"]
