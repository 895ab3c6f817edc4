"""What MuseTalk hears of speech that is still coming: the same tokens, block by block.

Whole recordings are encoded with everything that follows in view (`listening.py`). Live, a picture's chunk is
made as soon as the sound of its own steps is there, 80 ms after its picture, or later where it may look
further ahead, by one of two ways of encoding:

* exact: all of the current 30 s so far, silence in place of the future; what the network was trained on, but
  for that future. A segment that is full is encoded as in a whole recording.
* trimmed: a second or two around the block, and no more positions than that. Some twenty times less work, and
  further off, as docs/musetalk.md says by how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from livetalk.engines.musetalk.listening import STEP_SAMPLES, Encode
from livetalk.engines.musetalk.mel import SEGMENT_SAMPLES, level, log_mel, padded
from livetalk.types import FRAME_SAMPLES, Int16Array

BEFORE, AFTER = 4, 6
"""steps of a chunk before its picture begins, and from there on"""
BLOCKS = (1, 1, 2, 4)
"""pictures in the first blocks of an utterance: a fast start; all others have the last's"""
TRIMMED_BLOCKS = (*BLOCKS, 8)
"""the trimmed encoder works once a block, whatever its size: fewer, larger ones cost a processor less"""
CONTEXT_MS = 80
"""sound after a picture's own 40 ms that its chunk needs"""
STEP_MS = 20
_STEPS = 2
"""in a picture"""
_SEGMENT_STEPS = SEGMENT_SAMPLES // STEP_SAMPLES


@dataclass(frozen=True, slots=True)
class Trim:
    """How much the trimmed encoder sees."""

    before: int = 100
    """steps before the block"""

    @property
    def positions(self) -> int:
        """Steps in all: those, and the largest block's."""
        return self.before + _STEPS * (max(TRIMMED_BLOCKS) - 1) + BEFORE + AFTER


class Hearing:
    """One session's stream; windows are (50, width) tensors on the encoder's device."""

    def __init__(
        self, encode: Encode, device: torch.device, trim: Trim | None = None, lookahead_ms: int = CONTEXT_MS
    ) -> None:
        self._encode = encode
        self._device = device
        self._trim = trim
        room = _SEGMENT_STEPS - (trim.positions if trim else 0)
        self._ahead = min(max(0, lookahead_ms - CONTEXT_MS) // STEP_MS, room)
        self.reset()

    def push(self, pcm: Int16Array) -> Iterator[torch.Tensor]:
        """Take (n,) samples; yield the windows of the blocks that they complete."""
        self._parts.append(pcm)
        self._length += len(pcm)
        while self._length >= self._needed():
            yield from self._block(self._size())

    def flush(self) -> Iterator[torch.Tensor]:
        """End the utterance: yield the windows still owed."""
        while (left := -(-self._length // FRAME_SAMPLES) - self._next) > 0:
            yield from self._block(min(left, self._size()))
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._parts: list[Int16Array] = []
        self._length = 0
        self._forgotten = 0
        self._next = 0
        self._blocks = 0

    def _size(self) -> int:
        blocks = TRIMMED_BLOCKS if self._trim else BLOCKS
        return blocks[min(self._blocks, len(blocks) - 1)]

    def _needed(self) -> int:
        last = self._next + self._size() - 1
        return (_STEPS * last + AFTER + self._ahead) * STEP_SAMPLES

    def _block(self, size: int) -> Iterator[torch.Tensor]:
        first = _STEPS * self._next - BEFORE
        last = _STEPS * (self._next + size - 1) + AFTER
        steps = self._steps(first, last)
        self._next += size
        self._blocks += 1
        self._forget(max(0, _STEPS * self._next - BEFORE))
        for picture in range(size):
            yield steps[_STEPS * picture : _STEPS * picture + BEFORE + AFTER].flatten(0, 1)

    @torch.inference_mode()
    def _steps(self, first: int, last: int) -> torch.Tensor:
        """Encoder states of steps [first, last); zeros where there is no sound."""
        there = self._length // STEP_SAMPLES
        begin, end, heard = max(first, 0), min(last, there), min(last + self._ahead, there)
        found = self._trimmed(begin, end, heard, self._trim) if self._trim else self._exact(begin, end, heard)
        return functional.pad(found, (0, 0, 0, 0, begin - first, last - max(end, begin)))

    def _exact(self, begin: int, end: int, heard: int) -> torch.Tensor:
        parts = []
        for segment in range(begin // _SEGMENT_STEPS, -(-end // _SEGMENT_STEPS)):
            origin = segment * _SEGMENT_STEPS
            sound = self._sound(origin, min(heard, origin + _SEGMENT_STEPS))
            states = self._encode(level(log_mel(padded(sound))))[0]
            parts.append(states[max(begin - origin, 0) : min(end - origin, _SEGMENT_STEPS)])
        return torch.cat(parts)

    def _trimmed(self, begin: int, end: int, heard: int, trim: Trim) -> torch.Tensor:
        origin = max(0, begin - trim.before)
        positions = trim.positions + self._ahead
        sound = self._sound(origin, min(heard, origin + positions))
        states = self._encode(level(log_mel(padded(sound, positions * STEP_SAMPLES))))[0]
        return states[begin - origin : end - origin]

    def _forget(self, first: int) -> None:
        """Let go of sound that no block from step `first` on listens to."""
        segment = first // _SEGMENT_STEPS * _SEGMENT_STEPS
        earliest = max(0, first - self._trim.before) if self._trim else segment
        gone = min(earliest * STEP_SAMPLES, self._length) - self._forgotten
        if gone > 0:
            self._parts = [np.concatenate(self._parts)[gone:]]
            self._forgotten += gone

    def _sound(self, begin: int, end: int) -> torch.Tensor:
        """Steps [begin, end), and never more: what comes later must not depend on how the sound was cut."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        first, last = (step * STEP_SAMPLES - self._forgotten for step in (begin, end))
        sound = torch.from_numpy(self._parts[0][first:last].copy())  # what is shared is read-only
        return sound[None].to(self._device).float() / 32768


__all__ = ["AFTER", "BEFORE", "BLOCKS", "CONTEXT_MS", "Hearing", "Trim"]
