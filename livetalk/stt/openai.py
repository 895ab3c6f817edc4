"""Any endpoint that speaks OpenAI's audio transcriptions: OpenAI, Groq, speaches, vLLM and others.

One request an utterance, `POST /audio/transcriptions` as in OpenAI's API reference ("Create transcription"):
multipart/form-data with `file`, `model`, `response_format` and, where they are set, `language`, `stream` and
further fields. The answer is `{"text": ...}`, or server-sent events: `transcript.text.delta` and
`transcript.text.done`, or chunks as vLLM's server writes them.
"""

from __future__ import annotations

import io
import json
import logging
import time
import wave
from collections.abc import AsyncIterator, Iterator
from typing import Any

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import Cancel, STTOptions, Transcript
from livetalk.remote.calls import Calls, TimeLimits
from livetalk.remote.openai import explained, is_official, keyed_client
from livetalk.stt.credits import without_credits
from livetalk.stt.hearing import joined
from livetalk.types import SAMPLE_RATE, Int16Array

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-transcribe"
NAME = "the recogniser"
TRIES = 2
OWN_SETTINGS = {"model": "stt_model", "language": "stt_language", "file": "", "response_format": ""}
"""fields that are no options -> the setting to use instead"""


class OpenAISTT:
    """Hears whole utterances, over the network.

    `stt_options` are further fields of the request, as `{"prompt": "Names: Ada."}`; with `{"stream": true}`
    the transcript comes piece by piece, where the endpoint can do that.
    """

    def __init__(self, options: STTOptions) -> None:
        """Make one; it connects with the first utterance.

        Raises:
            SettingsError: there is a URL, but no model; or a field of the request has its own setting.
        """
        if options.url and not options.model and not is_official(options.url):
            raise SettingsError(f"stt_url is {options.url}: name the model to use there as stt_model")
        for name in options.extra.keys() & OWN_SETTINGS.keys():
            instead = f"; use {OWN_SETTINGS[name]}" if OWN_SETTINGS[name] else ""
            raise SettingsError(f"stt_options: {name} is not to be set there{instead}")
        self._fields = {name: value for name, value in options.extra.items() if name != "stream"}
        self._streamed = options.extra.get("stream", False)
        if not isinstance(self._streamed, bool):
            raise SettingsError(f"stt_options: stream is true or false, not {self._streamed!r}")
        self._options = options
        self._calls = Calls("stt-openai")

    def load(self) -> None:
        """Make the client; nothing is sent.

        Raises:
            SettingsError: the URL is none.
            ProviderError: the key is missing.
        """
        options = self._options
        self._client = keyed_client(NAME, options.url, options.key, ("stt_url", "LIVETALK_STT_KEY"))
        _ = self._client.audio.transcriptions  # which loads it; the first utterance would wait for that
        self._calls.at_end(self._client.close)
        self._calls.start()

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Yield the transcript when the speech is over, and what comes before it where it is streamed.

        Raises:
            ProviderError: the endpoint cannot be reached, refuses, takes too long, or answers something else.
        """
        speech = joined(sound)
        if cancel():
            return
        if not len(speech):
            yield Transcript("", final=True)
            return
        content, until = wav_of(speech), time.monotonic() + self._options.timeout_s
        for tried in range(1, TRIES + 1):
            try:
                yield from self._heard(content, speech, until, cancel)
                return
            except ProviderError as error:
                if not error.retryable or tried == TRIES or time.monotonic() >= until:
                    raise
                logger.warning("%s; asking once more", error)

    def close(self) -> None:
        """Break off what is asked, and disconnect."""
        self._calls.stop()

    def _heard(
        self, content: bytes, speech: Int16Array, until: float, cancel: Cancel
    ) -> Iterator[Transcript]:
        """What one request brings."""
        left_s = max(0.001, until - time.monotonic())
        answer = self._calls.stream(NAME, lambda: self._ask(content), TimeLimits(left_s, left_s), cancel)
        for text, final in answer:
            if final:
                yield Transcript(without_credits(text, speech), final=True, language=self._options.language)
                return
            if time.monotonic() >= until:
                raise ProviderError(
                    f"{NAME} did not end within {self._options.timeout_s:g} s", retryable=True
                )
            if text.strip():
                yield Transcript(text.strip(), final=False, language=self._options.language)
        if not cancel():
            raise ProviderError(f"{NAME} said nothing", retryable=True)

    async def _ask(self, content: bytes) -> AsyncIterator[tuple[str, bool]]:
        """The text so far, and whether it is all of it."""
        with explained(NAME, "stt_url", "LIVETALK_STT_KEY", self._client):
            try:
                ask = self._client.audio.transcriptions.with_streaming_response
                async with ask.create(**self._request(content)) as answer:
                    if answer.headers.get("content-type", "").startswith("text/event-stream"):
                        async for each in _told(await answer.parse()):
                            yield each
                    else:
                        yield _text(json.loads(await answer.text())), True
            except ValueError as error:  # no JSON, or no text
                raise ProviderError(
                    f"{NAME} answers with something that is no transcript; check stt_url, which ends in /v1 "
                    "as a rule",
                    retryable=False,
                ) from error

    def _request(self, content: bytes) -> dict[str, Any]:
        request: dict[str, Any] = {
            "file": ("speech.wav", content, "audio/wav"),
            "model": self._options.model or DEFAULT_MODEL,
            "response_format": "json",
        }
        if self._options.language:
            request["language"] = self._options.language
        if self._streamed:
            request["stream"] = True
        if self._fields:
            request["extra_body"] = self._fields
        return request


def wav_of(sound: Int16Array) -> bytes:
    """A WAV of 16 bits, mono, 16 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(sound.astype("<i2").tobytes())
    return file.getvalue()


async def _told(events: Any) -> AsyncIterator[tuple[str, bool]]:
    """The text so far after each event; one that ends without the word that it ends has said all."""
    text, some = "", False
    async for event in events:
        some = True
        kind = getattr(event, "type", None)
        if kind == "transcript.text.done":
            yield event.text, True
            return
        piece = event.delta if kind == "transcript.text.delta" else _chunk(event)
        if piece:
            text += piece
            yield text, False
    if some:
        yield text, True


def _chunk(event: Any) -> str:
    """What a chunk brings that is written as one of a chat: vLLM's server does so."""
    for choice in getattr(event, "choices", None) or ():
        return str((choice.get("delta") or {}).get("content") or "")
    return ""


def _text(answer: Any) -> str:
    """The text of an answer.

    Raises:
        ValueError: there is none.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise ValueError("no text")
    return str(answer["text"])


__all__ = ["OpenAISTT", "wav_of"]
