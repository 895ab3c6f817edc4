"""What a voice must be: one that speaks texts, or one that is taken as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from livetalk.types import Int16Array, Sentence


class Cancel(Protocol):
    """Asked between two steps that take long: is this still wanted?"""

    def __call__(self) -> bool:
        """Whether to give up now."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Some sound of a voice, as it arrives."""

    samples: Int16Array
    """(n,), mono"""
    rate: int
    """Hz"""


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word of the sentence begins at this moment of its sound."""

    text: str
    offset: int
    """index of its first character in the sentence"""
    at_s: float
    """seconds since the sentence's first sample"""


class TTS(Protocol):
    """A voice. Yields sound as it arrives; a word comes no later than its own sound."""

    def load(self) -> None:
        """Get ready, so that the first sentence is as fast as the hundredth.

        Raises:
            ProviderError: it cannot work here; the message says why.
        """

    def voices(self) -> Sequence[str]:
        """Names that `Sentence.voice` may carry."""

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Speak; give up soon after `cancel` says so.

        Raises:
            ProviderError: no voice can be had.
        """

    def close(self) -> None:
        """Let go of processes and connections."""


class VoiceSink(Protocol):
    """Takes a live voice; the session says it while it speaks."""

    def push(self, pcm: Int16Array) -> None:
        """Take (n,) samples, mono, 16 kHz, as they come; never blocks, and does nothing after the end."""

    def close(self) -> None:
        """No more comes."""


__all__ = ["TTS", "Cancel", "Pcm", "VoiceSink", "WordTime"]
