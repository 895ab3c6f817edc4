"""The voices of Azure AI Speech, by its REST interface (Microsoft's document "Text to speech REST API")."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from livetalk.audio.decoding import decoder
from livetalk.errors import ProviderError, SettingsError
from livetalk.language import spoken_in
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.remote.failures import Endpoint
from livetalk.remote.http import Http, Request, checked_url
from livetalk.tts.neural_voices import AUTO, KNOWN, locale, voice_for
from livetalk.tts.options import checked
from livetalk.tts.remote_voice import RemoteVoice, heard
from livetalk.types import Sentence

RATE = 24_000
OPTIONS = {
    "region": str,
    "style": str,
    "style_degree": float,
    "role": str,
    "rate": str,
    "pitch": str,
    "volume": str,
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""characters that no XML 1.0 document may hold"""


class Azure:
    """Sends SSML; bare samples come back as they are made."""

    name = "the Azure voice"
    known_voices: Sequence[str] = KNOWN

    def __init__(self, address: str, options: VoiceOptions) -> None:
        self._address = address
        self._key = options.key
        self._voice = options.voice
        self._extra = options.extra
        self._http = Http(Endpoint(self.name, secrets=(options.key,)), options.timeout_s)

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """Samples of one sentence."""
        voice = voice_for(spoken_in(sentence), sentence.voice, self._voice)
        request = Request(
            f"{self._address}/cognitiveservices/v1",
            headers={
                "Ocp-Apim-Subscription-Key": self._key,
                "Content-Type": "application/ssml+xml",
                "X-Microsoft-OutputFormat": "raw-24khz-16bit-mono-pcm",
                "User-Agent": "livetalk",
            },
            content=ssml(sentence.text, voice, self._extra).encode(),
        )
        async for part in heard(decoder("pcm", RATE), self._http.stream(request)):
            yield part

    async def voices(self) -> Sequence[str]:
        """All of the region's."""
        headers = {"Ocp-Apim-Subscription-Key": self._key, "User-Agent": "livetalk"}
        there = await self._http.json(
            Request(f"{self._address}/cognitiveservices/voices/list", "GET", headers=headers)
        )
        try:
            return [AUTO, *(str(each["ShortName"]) for each in there)]
        except (TypeError, KeyError) as error:
            raise ProviderError(f"{self.name} sent no list of voices", retryable=False) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def azure(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it; its options are those of `OPTIONS`.

    Raises:
        SettingsError: there is no key, or no region; or an option is none of its.
    """
    extra = checked("azure", options.extra, OPTIONS)
    if not options.key:
        raise SettingsError("the voice azure needs the key of a Speech resource: set LIVETALK_TTS_KEY")
    region = extra.get("region", "")
    if not options.url and not re.fullmatch("[a-z0-9-]+", region):
        raise SettingsError(
            "the voice azure needs the region of its Speech resource, as "
            '--tts-options \'{"region": "westeurope"}\', or its address as tts_url'
        )
    address = options.url or f"https://{region}.tts.speech.microsoft.com"
    return RemoteVoice(Azure(checked_url("tts_url", address), options), options)


def ssml(text: str, voice: str, extra: Mapping[str, Any]) -> str:
    """A text as the service takes it (Microsoft's document "SSML document structure and events")."""
    inner = escape(_NOT_XML.sub(" ", text))
    prosody = {name: extra[name] for name in ("rate", "pitch", "volume") if name in extra}
    if prosody:
        inner = _element("prosody", prosody, inner)
    express = {
        "style": extra.get("style"),
        "styledegree": extra.get("style_degree"),
        "role": extra.get("role"),
    }
    if any(value is not None for value in express.values()):
        inner = _element("mstts:express-as", express, inner)
    head = {
        "version": "1.0",
        "xmlns": "http://www.w3.org/2001/10/synthesis",
        "xmlns:mstts": "https://www.w3.org/2001/mstts",
        "xml:lang": locale(voice),
    }
    return _element("speak", head, _element("voice", {"name": voice}, inner))


def _element(name: str, attributes: Mapping[str, Any], inner: str) -> str:
    told = "".join(
        f" {each}={quoteattr(_NOT_XML.sub(' ', str(value)))}"
        for each, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{inner}</{name}>"


__all__ = ["Azure", "azure", "ssml"]
