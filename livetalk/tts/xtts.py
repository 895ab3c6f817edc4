"""XTTS, a server of one's own (coqui-ai/xtts-streaming-server) that clones a voice from a recording.

POST /clone_speaker takes a form with the file `wav_file`, and answers with JSON: `gpt_cond_latent`, rows of
1024 numbers, and `speaker_embedding`, 512 numbers. POST /tts_stream takes JSON: these two, `text`,
`language`, `add_wav_header` and `stream_chunk_size`, digits in a text (less begins earlier and sounds
worse). Its answer is a WAV whose header has sizes of 0, then 16-bit samples at 24 kHz. GET /studio_speakers
tells the same two of every voice that came with the model, GET /languages its languages; older servers have
neither. What is wrong with a request is 422 with JSON, `detail`; all else is 500 with plain text, or the
connection breaks off.

What is made of a recording is asked once, and sent along with each sentence.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import aiohttp

from livetalk.errors import ProviderError
from livetalk.language import spoken_in
from livetalk.protocols import VoiceOptions
from livetalk.remote.http import Request
from livetalk.tts.cloning import CloningProvider
from livetalk.tts.references import Reference
from livetalk.tts.remote_voice import RemoteVoice
from livetalk.types import Sentence

ADDRESS = "http://127.0.0.1:8000"
LANGUAGES = (
    *(
        "en",
        "es",
        "fr",
        "de",
        "it",
        "pt",
        "pl",
        "tr",
        "ru",
        "nl",
        "cs",
        "ar",
        "zh-cn",
        "hu",
        "ko",
        "ja",
        "hi",
    ),
)
"""of XTTS v2, for servers that do not tell"""
MOST_KEPT = 32
"""recordings of which the server's latents are kept; each takes about 300 kB"""


class Xtts(CloningProvider):
    """Keeps what the server made of recordings."""

    def __init__(self, options: VoiceOptions) -> None:
        """Read the options.

        Raises:
            SettingsError: one is none of it.
        """
        super().__init__("XTTS", ADDRESS, options, {"language": str, "stream_chunk_size": int})
        extra = self.extra
        self._language: str = extra.get("language", "")
        self._chunk = str(extra.get("stream_chunk_size", 20))
        self._cloned: OrderedDict[Reference, bytes] = OrderedDict()
        self._studio: dict[str, bytes] = {}
        """latents of the server's own speakers"""
        self._languages: Sequence[str] = ()

    async def speakers(self) -> Sequence[str]:
        """The speakers that came with the model, had once."""
        if not self._studio:
            told = await self._asked("/studio_speakers")
            speakers = told.items() if isinstance(told, dict) else ()
            self._studio = await asyncio.to_thread(
                lambda: {name: _latents(self.name, parts) for name, parts in speakers}
            )
        return [*self._studio]

    async def request(self, sentence: Sentence, voice: Reference | str) -> Request:
        """JSON, of which the latents were written down when they came."""
        if not voice:
            raise self.no_recording()
        latents = self._studio[voice] if isinstance(voice, str) else await self._latents_of(voice)
        told = {
            "text": sentence.text,
            "language": await self._code(spoken_in(sentence)),
            "add_wav_header": True,
            "stream_chunk_size": self._chunk,
            **self.further,
        }
        content = json.dumps(told).encode()[:-1] + b", " + latents[1:]
        headers = {**self.headers, "Content-Type": "application/json"}
        return Request(f"{self.url}/tts_stream", headers=headers, content=content)

    async def _latents_of(self, reference: Reference) -> bytes:
        if reference not in self._cloned:
            sound = await asyncio.to_thread(reference.wav)

            def form() -> aiohttp.FormData:
                made = aiohttp.FormData()
                made.add_field(
                    "wav_file", io.BytesIO(sound), filename="reference.wav", content_type="audio/wav"
                )
                return made

            parts = await self.http.json(
                Request(f"{self.url}/clone_speaker", headers=self.headers, form=form)
            )
            self._cloned[reference] = await asyncio.to_thread(_latents, self.name, parts)
            if len(self._cloned) > MOST_KEPT:
                self._cloned.popitem(last=False)
        return self._cloned[reference]

    async def _code(self, wanted: str) -> str:
        """The server's code of a language, or the code that was set."""
        if self._language:
            return self._language
        if not self._languages:
            told = await self._asked("/languages")
            self._languages = [str(each) for each in told] if isinstance(told, list) and told else LANGUAGES
        for code in self._languages:
            if wanted == code.partition("-")[0]:
                return code
        raise ProviderError(
            f"{self.name} does not speak {wanted!r}, but {', '.join(self._languages)}; "
            "the option language sets one for all texts",
            retryable=False,
        )

    async def _asked(self, route: str) -> Any:
        """JSON of a route, None where the server has none."""
        try:
            return await self.http.json(Request(self.url + route, "GET", self.headers))
        except ProviderError as error:
            if error.retryable:
                raise
            return None


def xtts(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it.

    Its options: `language` (of all texts, else guessed), `stream_chunk_size` (20) and `body` (an object of
    further fields of the request).

    Raises:
        SettingsError: another option, or an address that is none.
    """
    return RemoteVoice(Xtts(options), options)


def _latents(provider: str, parts: Any) -> bytes:
    """What a voice is made of, as JSON.

    Raises:
        ProviderError: it is not that.
    """
    if not isinstance(parts, dict) or not {"gpt_cond_latent", "speaker_embedding"} <= parts.keys():
        raise ProviderError(f"{provider} told no gpt_cond_latent and speaker_embedding", retryable=False)
    return json.dumps({name: parts[name] for name in ("speaker_embedding", "gpt_cond_latent")}).encode()


__all__ = ["Xtts", "xtts"]
