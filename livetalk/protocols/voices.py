"""What a voice must be: one that speaks texts, or one that is taken as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from livetalk.protocols.cancel import Cancel
from livetalk.types import Int16Array, Sentence


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


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """What the settings say to a voice plugin."""

    voice: str = ""
    """one of the plugin's, "" or "auto" for its own choice"""
    url: str = ""
    """of the server, "" for the provider's own"""
    key: str = field(default="", repr=False)
    model: str = ""
    references: Path = Path("data/voices")
    """folder of recordings to clone: NAME.wav (or .mp3, .flac), and in NAME.txt what is said in it"""
    timeout_s: float = 8.0
    """until the first sound, and between two pieces of it"""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own options"""


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


__all__ = ["TTS", "Pcm", "VoiceOptions", "VoiceSink", "WordTime"]
