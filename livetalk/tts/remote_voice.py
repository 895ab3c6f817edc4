"""A voice over the network: what all of them share, around one that only knows its provider's protocol."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from livetalk.audio.decoding import Decoder
from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import Cancel, Pcm, VoiceOptions, WordTime
from livetalk.remote.calls import Calls, TimeLimits
from livetalk.types import Sentence

logger = logging.getLogger(__name__)

LIST_S = 3.0
"""so long a list of voices may take"""
FRESH_S = 60.0
"""so long it is not asked for again"""
_SURROGATE = re.compile("[\ud800-\udfff]")
"""half a character, which no text on the wire may hold"""


class Provider(Protocol):
    """Speaks a provider's protocol; all of it is called on the loop of its voice's calls."""

    @property
    def name(self) -> str:
        """As users know it, for errors."""

    def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """What the provider sends for a sentence, as it arrives; the caller's patience ends it.

        Raises:
            ProviderError: the provider failed.
        """

    async def voices(self) -> Sequence[str]:
        """The voices that it has.

        Raises:
            ProviderError: it cannot be asked.
        """

    @property
    def known_voices(self) -> Sequence[str]:
        """Those that are told where it cannot be asked."""

    async def close(self) -> None:
        """Close the connections."""


async def heard(coming: Decoder, contents: AsyncIterator[bytes]) -> AsyncIterator[Pcm]:
    """What can be heard of a body, as it arrives.

    Raises:
        ProviderError: it is no such sound.
    """
    async for content in contents:
        for piece in coming.feed(content):
            yield Pcm(piece.samples, piece.rate)
    for piece in coming.flush():
        yield Pcm(piece.samples, piece.rate)


class RemoteVoice:
    """Has a provider's calls made, waits for them with patience, and gives up when it is told to."""

    def __init__(
        self, provider: Provider, options: VoiceOptions, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._timeout_s = options.timeout_s
        self._calls: Calls | None = None
        self._lock = threading.Lock()
        self._list: Sequence[str] = ()
        self._stale_at_s = clock()

    def load(self) -> None:
        """Start the thread that waits for the provider; it need not be reachable yet."""
        if self._calls is None:
            self._calls = Calls(f"voice of {self._provider.name}")
            self._calls.at_end(self._provider.close)
            self._calls.start()

    def voices(self) -> Sequence[str]:
        """The provider's list, asked for once a minute at most; what is known of it while it is not had."""
        with self._lock:
            if self._clock() >= self._stale_at_s:
                self._list = self._asked_list() or self._list
                self._stale_at_s = self._clock() + FRESH_S
            return self._list or self._provider.known_voices

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Speak; a text without letters or digits is silent.

        Raises:
            ProviderError: the provider failed, or took too long.
        """
        sentence = replace(sentence, text=_SURROGATE.sub(" ", sentence.text))
        if not any(character.isalnum() for character in sentence.text):
            return
        name, some = self._provider.name, False
        limits = TimeLimits(self._timeout_s, self._timeout_s, "tts_timeout_s")
        parts = self._running().stream(name, lambda: self._provider.sound(sentence), limits, cancel)
        for part in parts:
            some = some or (isinstance(part, Pcm) and len(part.samples) > 0)
            yield part
        if not some and not cancel():
            raise ProviderError(f"{name} sent no sound", retryable=True)

    def close(self) -> None:
        """End the calls and the thread."""
        calls, self._calls = self._calls, None
        if calls is not None:
            calls.stop()

    def _running(self) -> Calls:
        if self._calls is None:
            raise ProviderError(f"{self._provider.name} is closed", retryable=False)
        return self._calls

    def _asked_list(self) -> Sequence[str]:
        """The provider's list, empty where it cannot be had."""
        try:
            limit_s = min(LIST_S, self._timeout_s)
            asked = self._running().ask(self._provider.name, self._provider.voices, limit_s, Cancellation())
        except ProviderError as error:
            logger.warning("no list of voices: %s", error)
            return ()
        return asked or ()


__all__ = ["Provider", "RemoteVoice", "heard"]
