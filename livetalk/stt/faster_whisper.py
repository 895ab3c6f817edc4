"""Whisper on this machine: one network for all, final transcripts in turn, guesses where there is time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from livetalk.assets import asset, flag_for
from livetalk.errors import ModelError, ProviderError
from livetalk.language import language as language_of
from livetalk.protocols import Cancel, STTOptions, Transcript
from livetalk.stt.credits import without_credits
from livetalk.stt.guesses import Guess, Guesses
from livetalk.stt.hearing import chosen, joined
from livetalk.stt.line import Line
from livetalk.stt.whisper import WINDOW_S, Whisper, WhisperOptions, load, missing
from livetalk.types import SAMPLE_RATE, Int16Array

DEFAULT_MODEL = "base"
NAME = "the recogniser"


class FasterWhisper:
    """Understands speech with the weights in `models_dir/whisper`, or in a folder that `stt_model` names."""

    def __init__(self, options: STTOptions) -> None:
        """Make one, not loaded.

        Raises:
            SettingsError: an option is none of its.
        """
        self._options = options
        self._own = chosen(WhisperOptions, options.extra)
        self._line = Line(NAME)
        self._whisper: Whisper | None = None
        self._guesses: Guesses | None = None

    def load(self) -> None:
        """Read the weights and hear a moment of silence, so that the first answer is as fast as the others.

        Raises:
            PluginError: the package is missing.
            ModelError: the weights are missing or unusable, or know another language; says what to do.
        """
        folder = self._folder()
        guesses = self._own.partial_every_ms > 0
        device = self._own.device or self._options.device
        model = load(folder, device, self._own, workers=2 if guesses else 1)
        if self._options.language not in ("", *model.supported_languages):
            raise ModelError(
                f"{folder} does not understand {self._options.language!r}; choose another stt_model, or "
                "stt_language"
            )
        self._whisper = whisper = Whisper(model, self._options.language, self._own)
        if guesses:
            self._guesses = Guesses(whisper.understand, lambda: self._line.taken)
            self._guesses.start()

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Yield guesses while the speech goes on, and the final transcript when it is over.

        Raises:
            ProviderError: it cannot be understood, or not in time.
        """
        pieces: list[Int16Array] = []
        yield from self._while_it_is_spoken(sound, pieces, cancel)
        speech = joined(pieces)
        if cancel():
            return
        text = self._understood(speech, cancel) if len(speech) else ""
        if text is not None:
            yield self._transcript(without_credits(text, speech), final=True)

    def close(self) -> None:
        """End the thread of guesses, and let go of the network."""
        guesses, self._guesses = self._guesses, None
        if guesses is not None:
            guesses.stop()
        self._whisper = None

    def _while_it_is_spoken(
        self, sound: Iterator[Int16Array], pieces: list[Int16Array], cancel: Cancel
    ) -> Iterator[Transcript]:
        """Take all pieces; yield guesses that are done in time."""
        guess: Guess | None = None
        heard = guessed = 0
        every = self._own.partial_every_ms * SAMPLE_RATE // 1000
        try:
            for piece in sound:
                pieces.append(piece)
                heard += len(piece)
                if guess is not None and guess.over:
                    if guess.text and not cancel() and (text := without_credits(guess.text, guess.speech)):
                        yield self._transcript(text, final=False)
                    guess = None
                due = heard - guessed >= every and heard <= WINDOW_S * SAMPLE_RATE
                if self._guesses is not None and guess is None and due:
                    guess = self._guesses.ask(joined(pieces))
                    guessed = heard if guess is not None else guessed
        finally:
            if guess is not None:
                guess.drop()

    def _understood(self, speech: Int16Array, cancel: Cancel) -> str | None:
        """All of it, in turn; None where nobody wants it any more."""
        whisper = self._whisper
        if whisper is None:
            raise ProviderError(f"{NAME} is closed", retryable=False)
        until = time.monotonic() + self._options.timeout_s
        with self._line.turn(until, cancel) as mine:
            if not mine:
                return None
            text = whisper.understand(speech, lambda: cancel() or time.monotonic() >= until)
        if text is None and not cancel():
            raise ProviderError(
                f"{NAME} did not end within {self._options.timeout_s:g} s; a smaller stt_model is faster",
                retryable=False,
            )
        return None if cancel() else text

    def _transcript(self, text: str, *, final: bool) -> Transcript:
        spoken = self._options.language or (language_of(text) if text else "")
        return Transcript(text, final=final, language=spoken)

    def _folder(self) -> Path:
        model = self._options.model or DEFAULT_MODEL
        own = "/" in model or "\\" in model
        folder = Path(model) if own else self._options.models / "whisper" / model
        if lacking := missing(folder):
            there = flag_for("--models-dir", self._options.models, asset("models"))
            todo = f"bring it with: livetalk models download whisper-{model}{there}"
            if own:
                todo = "it is to be a folder of a Whisper converted for CTranslate2"
            raise ModelError(f"{folder} lacks {lacking}; {todo}")
        return folder


__all__ = ["FasterWhisper"]
