"""The voices of Microsoft Edge's reader, by the package edge-tts: no key, but the internet is needed."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterator, Sequence

import aiohttp
import edge_tts
from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError

from livetalk.audio.decoding import Sound, decoder
from livetalk.audio.silence import SilenceTrim
from livetalk.errors import ProviderError, SettingsError
from livetalk.language import spoken_in
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.remote.failures import Endpoint, unreachable
from livetalk.tts.neural_voices import AUTO, KNOWN, VOICE_OF, voice_for
from livetalk.tts.options import checked
from livetalk.tts.remote_voice import RemoteVoice
from livetalk.tts.word_places import WordPlaces
from livetalk.types import Int16Array, Sentence

OPTIONS = {"rate": str, "pitch": str, "volume": str, "proxy": str}
VOICE = re.compile(r"[a-z]{2,}(-[A-Za-z]+){1,3}-\w+Neural")
TICKS_A_SECOND = 10_000_000
LEAD_S, TAIL_S = 0.02, 0.2
"""silence left before and behind a sentence; the service sends a tenth and most of a second"""
ADDRESS = "https://speech.platform.bing.com"


class Edge:
    """Speaks through edge-tts: MP3 at 24 kHz as it is made, and when each word begins."""

    name = "the Edge voice"
    known_voices: Sequence[str] = KNOWN

    def __init__(self, options: VoiceOptions) -> None:
        self._voice = options.voice
        self._proxy = options.extra.get("proxy")
        self._patience_s = math.ceil(options.timeout_s)
        self._manner = {name: value for name, value in options.extra.items() if name != "proxy"}
        self._endpoint = Endpoint(self.name, url_setting="the way to the internet (option proxy)")

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """A sentence's sound without its silences, and its words."""
        voice = voice_for(spoken_in(sentence), sentence.voice, self._voice)
        if not VOICE.fullmatch(voice):
            raise ProviderError(
                f"{self.name} has no voice {voice!r}; one is called like {KNOWN[1]}", retryable=False
            )
        said = edge_tts.Communicate(
            sentence.text,
            voice,
            boundary="WordBoundary",
            proxy=self._proxy,
            connect_timeout=self._patience_s,
            receive_timeout=self._patience_s,
            **self._manner,
        )
        try:
            async for part in self._parts(said, sentence.text):
                yield part
        except (aiohttp.ClientError, EdgeTTSException) as error:
            raise self._plain(error, voice) from error

    async def voices(self) -> Sequence[str]:
        """All of the service's."""
        try:
            there = await edge_tts.list_voices(proxy=self._proxy)
        except (aiohttp.ClientError, EdgeTTSException) as error:
            raise self._plain(error, "") from error
        return [AUTO, *(each["ShortName"] for each in there)]

    async def close(self) -> None:
        """Nothing is kept: each sentence has a connection of its own."""

    async def _parts(self, said: edge_tts.Communicate, text: str) -> AsyncIterator[Pcm | WordTime]:
        coming, shaped = decoder("mp3"), _Shaped(text)
        async for message in said.stream():
            if message["type"] == "audio":
                for part in shaped.heard(coming.feed(message["data"])):
                    yield part
            else:
                shaped.word(message["text"], message["offset"] / TICKS_A_SECOND)
        for part in shaped.heard(coming.flush()):
            yield part
        if said.state["chunk_audio_bytes"]:  # edge-tts counts them until the service says that it is done
            raise ProviderError(f"{self.name} broke off its answer", retryable=True)
        for part in shaped.end():
            yield part

    def _plain(self, error: Exception, voice: str) -> ProviderError:
        if isinstance(error, NoAudioReceived):
            return ProviderError(f"{self.name} sent no sound; is there a voice {voice}?", retryable=True)
        status = getattr(error, "status", 0)
        if status in (401, 403) or isinstance(error, SkewAdjustmentError):
            return ProviderError(
                f"{self.name} turns this machine away ({status or 403}); check its clock, and get the newest "
                "edge-tts: pip install -U edge-tts",
                retryable=False,
            )
        if status:
            return ProviderError(f"{self.name} failed ({status})", retryable=status >= 500 or status == 429)
        if isinstance(error, EdgeTTSException):
            return ProviderError(
                f"{self.name} answered what edge-tts does not know ({error}); get its newest version: "
                "pip install -U edge-tts",
                retryable=False,
            )
        return unreachable(self._endpoint, ADDRESS, error)


class _Shaped:
    """A sentence's sound without the silence around it; words wait for sound, and tell their time in it."""

    def __init__(self, text: str) -> None:
        self._places = WordPlaces(text)
        self._words: list[tuple[str, int, float]] = []
        self._trim: SilenceTrim | None = None
        self._rate = 0
        self._sent = 0

    def word(self, word: str, at_s: float) -> None:
        """A word begins `at_s` after the first sample that the service sends."""
        if place := self._places.find(word):
            self._words.append((*place, at_s))

    def heard(self, sounds: Sequence[Sound]) -> Iterator[Pcm | WordTime]:
        """What of some sound can be handed on."""
        for sound in sounds:
            if self._trim is None:
                self._rate = sound.rate
                self._trim = SilenceTrim(round(LEAD_S * sound.rate), round(TAIL_S * sound.rate))
            yield from self._hand_on(self._trim, self._trim.push(sound.samples))

    def end(self) -> Iterator[Pcm | WordTime]:
        """The silence at the end."""
        if self._trim is not None:
            yield from self._hand_on(self._trim, self._trim.flush())

    def _hand_on(self, trim: SilenceTrim, pcm: Int16Array) -> Iterator[Pcm | WordTime]:
        if not len(pcm):
            return
        for word, offset, at_s in self._words:
            yield WordTime(word, offset, max(at_s - trim.dropped / self._rate, self._sent / self._rate))
        self._words.clear()
        self._sent += len(pcm)
        yield Pcm(pcm, self._rate)


def edge(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it; its options are those of `OPTIONS`.

    Raises:
        SettingsError: an option is none of its, or is malformed.
    """
    extra = checked("edge", options.extra, OPTIONS)
    if options.url:
        raise SettingsError("the voice edge has one server only: leave tts_url empty")
    voice = VOICE_OF.get(options.voice, options.voice)
    if voice not in ("", AUTO) and not VOICE.fullmatch(voice):
        raise SettingsError(
            f"voice: edge has no voice {voice!r}; one is called like {KNOWN[1]}, and "
            "`livetalk voices --tts edge` lists them"
        )
    manner = {name: value for name, value in extra.items() if name != "proxy"}
    try:
        edge_tts.Communicate("", **manner)
    except ValueError as error:
        raise SettingsError(
            f"tts_options: {error} rate and volume look like +10%, pitch like -5Hz, each with its sign"
        ) from error
    return RemoteVoice(Edge(options), options)


__all__ = ["Edge", "edge"]
