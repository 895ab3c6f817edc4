"""Voices of OpenAI, and of every server that speaks its `audio/speech`, as Kokoro-FastAPI does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from livetalk.audio.decoding import KINDS, decoder
from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.remote.http import checked_url
from livetalk.remote.openai import client, explained, key_for
from livetalk.tts.options import checked
from livetalk.tts.remote_voice import RemoteVoice, heard
from livetalk.types import Sentence

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MODEL = "gpt-4o-mini-tts"
RATE = 24_000
"""of bare samples, as OpenAI has it (its guide "Text to speech", supported output formats)"""
AUTO = "auto"
KNOWN = (
    *(AUTO, "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage"),
    *("shimmer", "verse"),
)
OWN_VOICE, COMMON_VOICE = "coral", "alloy"
"""where none is named: OpenAI's, and the one that every compatible server knows"""
OPTIONS = {"format": str, "rate": int, "instructions": str, "speed": float, "body": dict}


class OpenAISpeech:
    """Asks for bare samples, unless the options say otherwise, and hands them on as they come."""

    name = "the voice"
    known_voices: Sequence[str] = KNOWN

    def __init__(self, options: VoiceOptions) -> None:
        extra = options.extra
        self._options = options
        self._kind = extra.get("format", "pcm")
        self._rate = extra.get("rate", RATE)
        self._manner = {name: extra[name] for name in ("instructions", "speed") if name in extra}
        self._body = extra.get("body")
        self._client: AsyncOpenAI | None = self._asked_anew()

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """A sentence's samples."""
        asked = self._asked()
        with explained(self.name, "tts_url", "LIVETALK_TTS_KEY", asked):
            async with asked.audio.speech.with_streaming_response.create(
                input=sentence.text,
                model=self._options.model or MODEL,
                voice=self._voice(sentence.voice),
                response_format=self._kind,
                extra_body=self._body,
                **self._manner,
            ) as response:
                coming = decoder(self._kind, _rate(response.headers.get("content-type", ""), self._rate))
                async for part in heard(coming, response.iter_bytes()):
                    yield part

    async def voices(self) -> Sequence[str]:
        """Those that the server tells, as Kokoro-FastAPI does; OpenAI itself has no list."""
        if not self._options.url:
            return KNOWN
        asked = self._asked()
        with explained(self.name, "tts_url", "LIVETALK_TTS_KEY", asked):
            return _names(await asked.get("/audio/voices", cast_to=object))

    async def close(self) -> None:
        """Close the connections; another sentence opens them again."""
        asked, self._client = self._client, None
        if asked is not None:
            await asked.close()

    def _asked(self) -> AsyncOpenAI:
        if self._client is None:
            self._client = self._asked_anew()
        return self._client

    def _asked_anew(self) -> AsyncOpenAI:
        """A client that has loaded what it would load at its first call."""
        made = client(self._options.url, key_for(self._options.url, self._options.key), "tts_url")
        _ = made.audio.speech.with_streaming_response
        return made

    def _voice(self, wanted: str) -> str:
        named = next((each for each in (wanted, self._options.voice) if each not in ("", AUTO)), "")
        return named or (COMMON_VOICE if self._options.url else OWN_VOICE)


def openai(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it; its options are those of `OPTIONS`.

    Raises:
        SettingsError: there is neither a key nor a URL; or an option is none of its.
    """
    extra = checked("openai", options.extra, OPTIONS)
    kind = extra.get("format", "pcm")
    if kind not in KINDS:
        raise SettingsError(f"tts_options: format is one of {', '.join(KINDS)}, not {kind!r}")
    if options.url:
        checked_url("tts_url", options.url)
    elif not key_for(options.url, options.key):
        raise SettingsError(
            "the voice openai needs a key: set LIVETALK_TTS_KEY (or OPENAI_API_KEY); or set tts_url to a "
            "server that needs none, as http://127.0.0.1:8880/v1"
        )
    return RemoteVoice(OpenAISpeech(options), options)


def _rate(content_type: str, otherwise: int) -> int:
    """The rate that a content type names, as `audio/pcm; rate=24000`."""
    found = re.search(r"rate=(\d{4,6})\b", content_type)
    return int(found[1]) if found else otherwise


def _names(found: Any) -> Sequence[str]:
    """The names in a server's list, whose entries are texts or objects."""
    if isinstance(found, dict):
        found = found.get("voices")
    if not isinstance(found, list):
        raise ProviderError("the voice's server has no list of voices", retryable=False)
    names = [each.get("id") or each.get("name") if isinstance(each, dict) else each for each in found]
    return [AUTO, *(name for name in names if isinstance(name, str) and name)]


__all__ = ["OpenAISpeech", "openai"]
