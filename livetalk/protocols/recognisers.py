"""What a speech recogniser must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from livetalk.protocols.cancel import Cancel
from livetalk.types import Int16Array


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood so far."""

    text: str
    """"" where there were no words"""
    final: bool
    """nothing of it changes any more"""
    language: str = ""
    """primary tag, "" where the recogniser does not tell"""


@dataclass(frozen=True, slots=True)
class STTOptions:
    """What the settings say to a recogniser plugin."""

    url: str = ""
    key: str = field(default="", repr=False)
    model: str = ""
    language: str = ""
    """primary tag of what is spoken, "" to find out"""
    models: Path = Path("models")
    """folder of weights"""
    device: str = "auto"
    timeout_s: float = 20.0
    """from the end of the speech to the final transcript"""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own options"""


class STT(Protocol):
    """A speech recogniser."""

    def load(self) -> None:
        """Get ready, so that the first answer is as fast as the hundredth.

        Raises:
            ModelError, ProviderError: it cannot work here; the message says what to do.
        """

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Yield what is understood of one stretch of speech, the final transcript last.

        `sound` yields (n,) samples, mono, 16 kHz, as they are spoken, and blocks for those to come; it ends
        with the speech, or with `cancel`. One that can only hear whole utterances takes it all first.

        Raises:
            ProviderError: it cannot be understood.
        """

    def close(self) -> None:
        """Let go of connections and threads."""


__all__ = ["STT", "STTOptions", "Transcript"]
