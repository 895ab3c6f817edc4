"""Sound that is played once, from its first sample to its last, while it still arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from livetalk.audio.resample import StreamResampler
from livetalk.devices.portaudio import Asked, Fill, SoundStream, open_sound
from livetalk.errors import OutputError
from livetalk.types import Float32Array, Int16Array
from livetalk.worker import patience_s

Open: TypeAlias = Callable[[str | None, Fill, Callable[[], object]], SoundStream]


class OncePlayer:
    """Plays what is pushed; silence where it does not come in time."""

    def __init__(self, device: str | None, open_stream: Open = open_sound) -> None:
        """Open a device, the default one where none is named.

        Raises:
            OutputError: it cannot be played to; says what to do.
        """
        self._changed = threading.Condition()
        self._waiting: Int16Array = np.zeros(0, np.int16)
        self._whole = False
        """no more comes"""
        self._tail_s: float | None = None
        """so long the device still plays after it was given the last sample"""
        self._lost = False
        self._resampler: StreamResampler | None = None
        self._stream = open_stream(device, self._fill, self._end)

    def push(self, pcm: Int16Array, rate: int) -> None:
        """Play (n,) samples after those before."""
        if self._resampler is None or self._resampler.rate_in != rate:
            self._drain()
            self._resampler = StreamResampler(rate, self._stream.rate)
        self._add(self._resampler.push(pcm))

    def finish(self) -> None:
        """Wait until all has been heard.

        Raises:
            OutputError: the device was lost.
        """
        self._drain()
        with self._changed:
            self._whole = True
            while self._tail_s is None and not self._lost:
                self._changed.wait(patience_s())
            if self._lost:
                raise OutputError("the sound device was lost while it played")
            self._changed.wait_for(lambda: self._lost, self._tail_s)

    def close(self) -> None:
        """Let go of the device."""
        self._stream.close()

    def _drain(self) -> None:
        if self._resampler is not None:
            self._add(self._resampler.flush())

    def _add(self, pcm: Int16Array) -> None:
        with self._changed:
            self._waiting = np.concatenate([self._waiting, pcm])

    def _fill(self, block: Float32Array, asked: Asked) -> None:
        """On the device's thread."""
        with self._changed:
            now, self._waiting = self._waiting[: len(block)], self._waiting[len(block) :]
            if self._whole and not len(self._waiting) and self._tail_s is None:
                self._tail_s = asked.ahead_s + len(block) / asked.rate
                self._changed.notify_all()
        block[:] = 0
        block[: len(now)] = (now / np.float32(32768))[:, None]

    def _end(self) -> None:
        with self._changed:
            self._lost = True
            self._changed.notify_all()


__all__ = ["OncePlayer"]
