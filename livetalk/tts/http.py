"""A voice behind any HTTP server, described by its settings: what to send, and what comes back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp

from livetalk.audio.decoding import KINDS, decoder
from livetalk.errors import ProviderError, SettingsError
from livetalk.language import spoken_in
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.remote.failures import Endpoint
from livetalk.remote.http import Http, Request, checked_url
from livetalk.tts.options import Kinds, checked
from livetalk.tts.remote_voice import RemoteVoice, heard
from livetalk.tts.template import Template, read_template
from livetalk.types import Sentence

AUTO = "auto"
OPTIONS: Kinds = {
    "method": str,
    "headers": dict,
    "query": dict,
    "json": (dict, list),
    "form": dict,
    "format": str,
    "rate": int,
    "channels": int,
    "sound_at": str,
    "voices": list,
}


class HttpVoice:
    """Fills a template in for each sentence; the body is sound, or JSON with sound in it."""

    name = "the voice"

    def __init__(self, template: Template, options: VoiceOptions) -> None:
        extra = options.extra
        self._template = template
        self._options = options
        self._kind = extra.get("format", "auto")
        self._rate, self._channels = extra.get("rate", 24_000), extra.get("channels", 1)
        self._sound_at = extra.get("sound_at", "")
        self.known_voices: Sequence[str] = (AUTO, *extra.get("voices", ()))
        self._http = Http(Endpoint(self.name, secrets=(options.key,)), options.timeout_s)

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """A sentence's samples."""
        coming = decoder(self._kind, self._rate, self._channels)
        request = self._request(sentence)
        contents = self._inside(request) if self._sound_at else self._http.stream(request)
        async for part in heard(coming, contents):
            yield part

    async def voices(self) -> Sequence[str]:
        """Those that the settings name."""
        return self.known_voices

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _inside(self, request: Request) -> AsyncIterator[bytes]:
        """The sound within a JSON answer."""
        found = await self._http.json(request)
        for step in self._sound_at.split("."):
            found = _entry(found, step)
        if not isinstance(found, str):
            raise ProviderError(
                f"the answer of {self.name} has no sound at {self._sound_at!r}; check tts_options: sound_at",
                retryable=False,
            )
        try:
            yield base64.b64decode(found.partition("base64,")[2] or found, validate=True)
        except binascii.Error as error:
            raise ProviderError(
                f"what {self.name} has at {self._sound_at!r} is no base64; check tts_options: sound_at",
                retryable=False,
            ) from error

    def _request(self, sentence: Sentence) -> Request:
        wanted = [each for each in (sentence.voice, self._options.voice) if each not in ("", AUTO)]
        filled = self._template.filled(
            {
                "text": sentence.text,
                "voice": next(iter([*wanted, *self.known_voices[1:]]), ""),
                "language": spoken_in(sentence),
                "model": self._options.model,
                "key": self._options.key,
            }
        )
        form = (lambda: aiohttp.FormData(filled.form)) if filled.form else None
        return Request(filled.url, filled.method, filled.headers, filled.query, filled.json, form=form)


def http(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it; its options are those of `OPTIONS`.

    Raises:
        SettingsError: the template is malformed, or asks for what is not set; says what and where.
    """
    extra = checked("http", options.extra, OPTIONS)
    if not options.url:
        raise SettingsError("the voice http needs tts_url: the address that answers with sound")
    template = read_template(checked_url("tts_url", options.url), extra)
    kind = extra.get("format", "auto")
    if kind not in KINDS:
        raise SettingsError(f"tts_options: format is one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "pcm" and "rate" not in extra:
        raise SettingsError('tts_options: of pcm the rate must be known, as "rate": 24000')
    _check_range("rate", extra.get("rate", 24_000), 4_000, 384_000)
    _check_range("channels", extra.get("channels", 1), 1, 8)
    if not all(isinstance(each, str) for each in extra.get("voices", ())):
        raise SettingsError("tts_options: voices is a list of names")
    names = template.names()
    if "key" in names and not options.key:
        raise SettingsError("tts_options: {key} is to be filled in: set LIVETALK_TTS_KEY")
    if "model" in names and not options.model:
        raise SettingsError("tts_options: {model} is to be filled in: set tts_model")
    if "voice" in names and options.voice in ("", AUTO) and not extra.get("voices"):
        raise SettingsError("tts_options: {voice} is to be filled in: set voice, or list voices")
    return RemoteVoice(HttpVoice(template, options), options)


def _entry(found: Any, step: str) -> Any:
    """What an object has by a name, or a list at a place; None where there is nothing."""
    if isinstance(found, dict):
        return found.get(step)
    if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
        return found[int(step)]
    return None


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingsError(f"tts_options: {name} is {least} to {most}, not {value}")


__all__ = ["HttpVoice", "http"]
