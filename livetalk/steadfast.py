"""A voice that does not fall silent: one more try, then another voice, and after a while the first again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from livetalk.errors import LivetalkError, PluginError, ProviderError
from livetalk.protocols import TTS, Cancel, Pcm, VoiceOptions, WordTime
from livetalk.registry import installed, make_tts
from livetalk.types import Sentence

logger = logging.getLogger(__name__)

REST_S = 30.0
"""so long the fallback goes first after the chosen voice failed"""
NO_FALLBACK = ("", "none")


class SteadfastTTS:
    """Has the chosen voice speak, and the fallback where that one cannot.

    What fails in a way that may pass is tried once more, if nothing of it was heard, and if it failed in less
    than `again_within_s`: who waited long for nothing is not kept waiting for as long again. A sentence that
    breaks off after some of its sound ends there; said again, its beginning would be heard twice.
    """

    def __init__(
        self,
        chosen: TTS,
        make_fallback: Callable[[], TTS],
        again_within_s: float,
        on_failed: Callable[[str], object] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make one; `make_fallback` is called when it is first needed, `on_failed` told each reason."""
        self._chosen = chosen
        self._make_fallback = make_fallback
        self._again_within_s = again_within_s
        self._on_failed = on_failed
        self._clock = clock
        self._lock = threading.Lock()
        self._fallback: TTS | None = None
        self._rests_until_s = 0.0
        """until then the fallback goes first"""

    def load(self) -> None:
        """Get the chosen voice ready.

        Raises:
            ProviderError: it cannot work here.
        """
        self._chosen.load()

    def voices(self) -> Sequence[str]:
        """The chosen voice's."""
        return self._chosen.voices()

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Speak, by whichever voice can.

        Raises:
            ProviderError: none can, with both reasons; or one broke off in mid-sentence.
        """
        if self._clock() < self._rests_until_s:
            tries = [self._by_fallback, self._by_chosen]
        else:
            tries = [self._by_chosen_twice, self._by_fallback]
        failures: list[ProviderError] = []
        for voice in tries:
            attempt = _Attempt()
            try:
                yield from attempt.heard(voice(sentence, cancel))
            except ProviderError as error:
                if attempt.some or cancel():
                    raise
                failures.append(error)
            else:
                return
        raise ProviderError("; and the other voice: ".join(map(str, failures)), retryable=False)

    def close(self) -> None:
        """Let go of both."""
        with self._lock:
            fallback, self._fallback = self._fallback, None
        try:
            self._chosen.close()
        finally:
            if fallback is not None:
                fallback.close()

    def _by_chosen_twice(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        attempt, begun_s = _Attempt(), self._clock()
        try:
            yield from attempt.heard(self._chosen.speak(sentence, cancel))
            return
        except ProviderError as error:
            late = self._clock() - begun_s >= self._again_within_s
            if attempt.some or late or cancel() or not error.retryable:
                self._failed(error, attempt.some, cancel)
                raise
            logger.info("%s; trying once more", error)
        yield from self._by_chosen(sentence, cancel)

    def _by_chosen(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        attempt = _Attempt()
        try:
            yield from attempt.heard(self._chosen.speak(sentence, cancel))
        except ProviderError as error:
            self._failed(error, attempt.some, cancel)
            raise

    def _by_fallback(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """By a voice of its own choice, since names are the chosen plugin's."""
        yield from self._other().speak(replace(sentence, voice=""), cancel)

    def _other(self) -> TTS:
        with self._lock:
            if self._fallback is None:
                try:
                    made = self._make_fallback()
                    made.load()
                except LivetalkError as error:
                    raise ProviderError(str(error), retryable=False) from error
                self._fallback = made
            return self._fallback

    def _failed(self, error: ProviderError, some: bool, cancel: Cancel) -> None:
        if cancel():
            return
        self._rests_until_s = self._clock() + REST_S
        ends = "the sentence ends there, and " if some else ""
        logger.warning("%s; %sthe fallback speaks for %g s", error, ends, REST_S)
        self._on_failed(str(error))


@dataclass(slots=True)
class _Attempt:
    """Notes whether any sound came."""

    some: bool = False

    def heard(self, parts: Iterator[Pcm | WordTime]) -> Iterator[Pcm | WordTime]:
        """The parts; words before the first sound wait for it, since another voice may say them again."""
        words: list[WordTime] = []
        for part in parts:
            if isinstance(part, WordTime) and not self.some:
                words.append(part)
            elif isinstance(part, WordTime):
                yield part
            elif len(part.samples):
                self.some = True
                yield from words
                words.clear()
                yield part


def make_voice(
    name: str, options: VoiceOptions, fallback: str, on_failed: Callable[[str], object] = str
) -> TTS:
    """The voice that the settings choose, not loaded; with a fallback, where that is another one.

    Raises:
        PluginError: either is unknown, or the package of the chosen one is missing.
        SettingsError: an option is none of its.
    """
    chosen = make_tts(name, options)
    if fallback in (*NO_FALLBACK, name):
        return chosen
    if fallback not in (there := installed("livetalk.tts")):
        known = ", ".join(["none", *sorted(there)])
        raise PluginError(f"tts_fallback: unknown voice plugin {fallback!r}; installed are: {known}")
    plain = VoiceOptions(references=options.references, timeout_s=options.timeout_s)
    return SteadfastTTS(chosen, lambda: make_tts(fallback, plain), options.timeout_s / 2, on_failed)


__all__ = ["NO_FALLBACK", "REST_S", "SteadfastTTS", "make_voice"]
