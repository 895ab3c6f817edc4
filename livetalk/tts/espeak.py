"""The offline voice: espeak-ng, which speaks a hundred languages on any machine, in a process of its own."""

from __future__ import annotations

import difflib
import importlib.util
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livetalk.audio.silence import SilenceTrim
from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError, SettingsError
from livetalk.language import SCRIPT, spoken_in
from livetalk.protocols import Cancel, Pcm, VoiceOptions, WordTime
from livetalk.text import cut
from livetalk.tts import espeak_worker as wire
from livetalk.tts.espeak_process import EspeakProcess, Frame
from livetalk.types import Sentence

AUTO = "auto"
LIMIT, WIDE_LIMIT = 240, 120
"""characters in one request to the process, the second where each is a syllable or more: espeak-ng drops
what passes 1000 phonemes in a clause. Bounds what waits in memory when a session stops reading:
about 15 s of sound, 0.7 MB, of common text, and two minutes, 5 MB, where all of it is digits"""
VARIANT = "f2"
"""of the women's voices the one with least noise and edge at a young woman's speaking pitch, 195 Hz"""
LEAD_S = 0.01
"""silence left before the first sound"""
SENTENCE_PAUSE_S, CLAUSE_PAUSE_S, WORD_PAUSE_S = 0.23, 0.12, 0.03
"""silence behind each; espeak-ng makes pauses only where its own text goes on"""

_VOICE_OF = {"en": "en-us", "zh": "cmn"}
"""where a voice is not called as its language is"""
_EXAMPLES = ("en-us", "de", "cmn")
_SCRIPT_OF = {
    **dict.fromkeys(("cmn", "yue", "hak"), "zh"),
    **dict.fromkeys(("uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv"), "ru"),
    **dict.fromkeys(("fa", "ur", "sd", "ug"), "ar"),
    **dict.fromkeys(("mr", "ne", "kok", "bpy"), "hi"),
}
"""by which language's script a voice reads, where that is not its own name"""


class EspeakTTS:
    """Speaks with espeak-ng.

    A voice is a language ("de", "en-us", "cmn"; "auto" guesses it from the text), a variant ("+f3"), or both
    ("de+f3"). Words in a script that the voice cannot read are spoken by the script's own voice. A process
    that dies is started again by the next sentence; `close` must be called, or the program does not end.
    """

    def __init__(self, voice: str = AUTO, rate_wpm: int = 165, pitch: int = 55) -> None:
        self._voice = voice
        self._head = wire.SAY_HEAD.pack(min(max(rate_wpm, 80), 450), min(max(pitch, 0), 99))
        self._lock = threading.Lock()
        self._process: EspeakProcess | None = None
        self._closed = False

    def load(self) -> None:
        """Start the process and let it speak a word to nobody.

        Raises:
            ProviderError: it cannot be started, or it has no voice of the name that was set.
        """
        self._closed = False
        try:
            run = _Run("hello", 0, self._choose(self._voice, "en"))
            for _ in self._say(run, Cancellation()):
                pass
        except ProviderError:
            self.close()
            raise

    def voices(self) -> Sequence[str]:
        """Languages, then variants, each with its plus sign."""
        process = self._running()
        return [AUTO, *process.languages, *(f"+{variant}" for variant in process.variants)]

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Speak at 22050 Hz; the first sound comes within 10 ms of silence. A text of marks alone is silent.

        Raises:
            ProviderError: there is no such voice, or the process cannot be had.
        """
        text = _sayable(sentence.text)
        voice = self._choose(sentence.voice or self._voice, spoken_in(sentence))
        spoken = 0
        limit = WIDE_LIMIT if voice.script in ("zh", "ja", "ko") else LIMIT
        for piece in cut(text, limit):
            for run in _runs(piece.text, piece.offset, voice):
                begun_s = spoken / self._running().rate
                for part in self._say(run, cancel):
                    if cancel():
                        return
                    if isinstance(part, Pcm):
                        spoken += len(part.samples)
                        yield part
                    else:
                        yield WordTime(part.text, part.offset, begun_s + part.at_s)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.close()
                self._process = None

    def _running(self) -> EspeakProcess:
        with self._lock:
            if self._closed:
                raise ProviderError("the voice is closed", retryable=False)
            if self._process is not None and not self._process.alive:
                self._process.close()
                self._process = None
            if self._process is None:
                if importlib.util.find_spec("espeakng_loader") is None:
                    raise ProviderError(
                        "the offline voice needs a package: pip install espeakng-loader", retryable=False
                    )
                self._process = EspeakProcess()
            return self._process

    def _choose(self, name: str, language: str) -> _Voice:
        process = self._running()
        wanted, _, variant = name.partition("+")
        if wanted in ("", AUTO):
            wanted = _VOICE_OF.get(language, language)
        elif wanted not in process.languages:
            wanted = _VOICE_OF.get(wanted, wanted)
        voice = _Voice(wanted, variant or VARIANT)
        if voice.language not in process.languages or voice.variant not in process.variants:
            near = difflib.get_close_matches(name, [*process.languages, *_VOICE_OF], 3)
            raise ProviderError(
                f"espeak-ng has no voice {name!r}; a voice is a language, as {', '.join(near or _EXAMPLES)}; "
                "the page and /config list all",
                retryable=False,
            )
        return voice

    def _say(self, run: _Run, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        process = self._running()
        voice = f"{run.voice.language}+{run.voice.variant}"
        frames = process.say(self._head + voice.encode() + b"\0" + run.text.encode(), cancel)
        return _parts(frames, run, process.rate)


def espeak(options: VoiceOptions) -> EspeakTTS:
    """The plugin as the settings have it; its options are `rate_wpm` (165) and `pitch` (55, 0 to 99).

    Raises:
        SettingsError: another option, or no number.
    """
    unknown = sorted(options.extra.keys() - {"rate_wpm", "pitch"})
    if unknown:
        raise SettingsError(f"tts_options: espeak has no option {unknown[0]!r}; it has rate_wpm and pitch")
    for name, value in options.extra.items():
        if not isinstance(value, int):
            raise SettingsError(f"tts_options: {name} is a whole number, not {value!r}")
    return EspeakTTS(options.voice or AUTO, **options.extra)


@dataclass(frozen=True, slots=True)
class _Voice:
    language: str
    variant: str

    @property
    def script(self) -> str:
        """The language that stands for the script it reads, in `SCRIPT`."""
        return _SCRIPT_OF.get(self.language, self.language)


@dataclass(frozen=True, slots=True)
class _Run:
    """A part of a sentence for one voice."""

    text: str
    offset: int
    """index of its first character in the sentence"""
    voice: _Voice


def _sayable(text: str) -> str:
    """The text with a blank for each character that has no sound, so that offsets stay."""
    return "".join(
        character
        if unicodedata.category(character) in {"Sc", "Sm"}
        or unicodedata.category(character)[0] in "LMNP"
        or character in "\u200c\u200d°"
        else " "
        for character in text
    )


def _runs(text: str, offset: int, voice: _Voice) -> Iterator[_Run]:
    """Cut a text where its script changes to one that the voice cannot read, and back.

    Latin is left to the voice: they switch to English by themselves, but for the Japanese, which spells it.
    """
    own = {voice.script} if voice.language == "ja" else {voice.script, "en"}
    start, current = 0, ""
    for found in SCRIPT.finditer(text):
        script = found.lastgroup or "en"
        wanted = voice.language if script in own else _VOICE_OF.get(script, script)
        if wanted != current:
            if current:
                yield _Run(text[start : found.start()], offset + start, _Voice(current, voice.variant))
                start = found.start()
            current = wanted
    yield _Run(text[start:], offset + start, _Voice(current or voice.language, voice.variant))


def _pause_s(text: str) -> float:
    """The silence that belongs behind a text."""
    marks = text.rstrip(" \"'”’»)]}」』）】》〉")[-1:]
    if marks and marks in ".!?…。！？；؟۔।":
        return SENTENCE_PAUSE_S
    return CLAUSE_PAUSE_S if marks and marks in ",;:、，：،؛—–" else WORD_PAUSE_S


def _parts(frames: Iterator[Frame], run: _Run, rate: int) -> Iterator[Pcm | WordTime]:
    """A run's sound with its own silence at the ends, and its words, counted from its first sample."""
    trim = SilenceTrim(round(LEAD_S * rate), round(_pause_s(run.text) * rate))
    words: list[tuple[int, int, int]] = []
    heard_to = 0
    for kind, payload in frames:
        if kind == wire.WORD:
            words.append(wire.WORD_BODY.unpack(payload))
            continue
        pcm = trim.push(np.frombuffer(payload, "<i2").astype(np.int16, copy=False))
        if not len(pcm):
            continue
        for sample, index, length in words:
            begin, end = _word_at(run.text, index, length)
            if begin >= heard_to and begin < end:
                heard_to = end
                yield WordTime(run.text[begin:end], run.offset + begin, max(0, sample - trim.dropped) / rate)
        words = []
        yield Pcm(pcm, rate)
    if len(rest := trim.flush()):
        yield Pcm(rest, rate)


def _word_at(text: str, index: int, length: int) -> tuple[int, int]:
    """Where a word begins and ends that espeak-ng counts to be there.

    Behind a full stop that a small letter follows it counts one too few, and cuts the word's end.
    """
    begin = index
    while begin < len(text) and text[begin].isspace():
        begin += 1
    end = max(begin, min(index + length, len(text)))
    while end < len(text) and _joins(text[end]) and (end == begin or _joins(text[end - 1])):
        end += 1
    return begin, end


def _joins(character: str) -> bool:
    """Whether it is a letter or digit of a script that parts its words by blanks."""
    found = SCRIPT.fullmatch(character)
    return character.isalnum() and (found is None or found.lastgroup not in ("ja", "zh", "th"))


__all__ = ["EspeakTTS", "espeak"]
