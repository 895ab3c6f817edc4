"""Fish Audio: fish-speech on a server of one's own, or the service at api.fish.audio.

Both take POST /v1/tts with JSON or MessagePack: `text`, `format`, and for the voice either `reference_id`
or `references`, a list of `audio` and `text`. Audio is bytes, which only MessagePack can carry to all
versions (newer ones of fish-speech also take base64 in JSON; the service does not). The key is a bearer
token.

fish-speech (`tools/api_server.py`) streams with `streaming`, and then only WAV: a header whose sizes are 0
and whose rate is the model's (44100 Hz), then 16-bit samples. With `use_memory_cache` it keeps what it made
of the references. GET /v1/references/list?format=json tells the `reference_ids` of the voices that lie on
the server. A failure is JSON with `statusCode`, `message` and `error`.

The service streams always, takes the model in a header `model`, and `latency` "balanced" begins earlier.
Its voices are models with ids of 32 hexadecimal digits: GET /model?self=true lists one's own as `items` of
`_id` and `title`. Without a voice it speaks with one of its own (fish-speech with another one each time). A
failure is JSON with `status` and `message`; 402 means that nothing is left to pay with.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from livetalk.errors import ProviderError
from livetalk.protocols import VoiceOptions
from livetalk.remote.http import Request
from livetalk.remote.msgpack import packed
from livetalk.tts.cloning import CloningProvider
from livetalk.tts.references import Reference
from livetalk.tts.remote_voice import RemoteVoice
from livetalk.types import Sentence

SERVICE_HOST = "api.fish.audio"
ADDRESS, SERVICE = "http://127.0.0.1:8080", f"https://{SERVICE_HOST}"
MODEL = "s2.1-pro"
"""of the service"""
REFERENCE_ID = re.compile(r"[\w \-]{1,255}", re.ASCII)
"""as fish-speech has them; they are folders on its machine"""
MODEL_ID = re.compile("[0-9a-f]{32}")


class Fish(CloningProvider):
    """Sends recordings with each request, as the server wants it."""

    def __init__(self, options: VoiceOptions) -> None:
        """Read the options; with a key and no address it is the service.

        Raises:
            SettingsError: one is none of it.
        """
        super().__init__("Fish Audio", SERVICE if options.key else ADDRESS, options, {"service": bool})
        self._is_service: bool = self.extra.get("service", urlsplit(self.url).hostname == SERVICE_HOST)
        self._model = options.model or MODEL
        self._ids: dict[str, str] = {}
        """by name, of the server's own voices as they were told last"""

    async def speakers(self) -> Sequence[str]:
        """The server's own voices."""
        query = {"self": "true", "page_size": "100"} if self._is_service else {"format": "json"}
        route = "/model" if self._is_service else "/v1/references/list"
        headers = {**self.headers, "Accept": "application/json"}
        try:
            told = await self.http.json(Request(self.url + route, "GET", headers, query))
        except ProviderError as error:
            if error.retryable:
                raise
            told = None  # an older server has no list
        self._ids = _service_ids(told) if self._is_service else _server_ids(told)
        return [*self._ids]

    async def request(self, sentence: Sentence, voice: Reference | str) -> Request:
        """JSON where the server has the voice, MessagePack where a recording goes with it."""
        if not voice and not self._is_service:
            raise self.no_recording()  # each sentence would have another voice
        headers = {**self.headers, "model": self._model} if self._is_service else self.headers
        body = {"text": sentence.text, "format": "wav", **self._manner(), **self.further}
        url = f"{self.url}/v1/tts"
        if isinstance(voice, str):
            named = {"reference_id": self._ids.get(voice, voice)} if voice else {}
            return Request(url, headers=headers, json={**body, **named})
        sound, said = await asyncio.to_thread(lambda: (voice.wav(), voice.needed_text(self.name)))
        body["references"] = [{"audio": sound, "text": said}]
        content = await asyncio.to_thread(packed, body)
        return Request(url, headers={**headers, "Content-Type": "application/msgpack"}, content=content)

    def is_speaker(self, name: str, speakers: Sequence[str]) -> bool:
        """The service has more voices than it lists."""
        return name in speakers or (self._is_service and MODEL_ID.fullmatch(name) is not None)

    def _manner(self) -> Mapping[str, Any]:
        """What makes the sound come early."""
        if self._is_service:
            return {"latency": "balanced"}
        return {"streaming": True, "use_memory_cache": "on"}


def fish(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it: with `tts_url` a server of one's own, with a key alone the service.

    Its options: `service` (true where what stands at `tts_url` leads to the service) and `body` (an object
    of further fields of the request, as temperature).

    Raises:
        SettingsError: another option, or an address that is none.
    """
    return RemoteVoice(Fish(options), options)


def _server_ids(told: Any) -> dict[str, str]:
    listed = told.get("reference_ids") if isinstance(told, dict) else None
    names = listed if isinstance(listed, list) else []
    return {name: name for name in names if isinstance(name, str) and REFERENCE_ID.fullmatch(name)}


def _service_ids(told: Any) -> dict[str, str]:
    listed = told.get("items") if isinstance(told, dict) else None
    items = [item for item in listed or [] if isinstance(item, dict) and isinstance(item.get("_id"), str)]
    return {str(item.get("title") or item["_id"]): item["_id"] for item in items}


__all__ = ["Fish", "fish"]
