"""Voices that are cloned from recordings by a server: what the protocols of such servers share."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from livetalk.audio.decoding import Decoder, decoder
from livetalk.errors import ProviderError
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.remote.failures import Endpoint
from livetalk.remote.http import Http, Request, checked_url
from livetalk.tts.options import Kinds, checked
from livetalk.tts.references import Reference, References
from livetalk.tts.remote_voice import heard
from livetalk.types import Sentence

AUTO = "auto"


class CloningProvider(ABC):
    """Asks a server for the sound of a sentence, in the voice of a recording or of a speaker of its own.

    A voice is the name of a recording, or of a speaker; "auto" is the first recording, or else the first
    speaker. A subclass knows the request that its server wants, and how its sound is told.
    """

    def __init__(self, name: str, address: str, options: VoiceOptions, kinds: Kinds) -> None:
        """Speak to the server at `options.url`, or at `address` where that is empty.

        `kinds` are those of the plugin's own options; `body` is one of every plugin's.

        Raises:
            SettingsError: the address is none, or an option.
        """
        self.name = name
        self.extra = checked(name, options.extra, {**kinds, "body": dict})
        self.further: Mapping[str, Any] = self.extra.get("body", {})
        """further fields of each request, as they are"""
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        self.url = checked_url("tts_url", options.url or address)
        self.references = References(options.references)
        self.http = Http(Endpoint(name, secrets=(options.key,)), options.timeout_s)
        self._voice = options.voice
        self._speakers: Sequence[str] | None = None
        """as the server told them last; None before"""

    @property
    def known_voices(self) -> Sequence[str]:
        """The recordings."""
        return [AUTO, *self.references.all()]

    async def voices(self) -> Sequence[str]:
        """The recordings, and the speakers that the server has.

        Raises:
            ProviderError: it cannot be asked.
        """
        self._speakers = await self.speakers()
        return [*self.known_voices, *(name for name in self._speakers if name != AUTO)]

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        """The sentence, as its sound arrives.

        Raises:
            ProviderError: there is no such voice, or the server failed.
        """
        voice = await self._choose(sentence.voice)
        request = await self.request(sentence, voice)
        async for piece in heard(self.decoder(), self.http.stream(request)):
            yield piece

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()

    @abstractmethod
    async def request(self, sentence: Sentence, voice: Reference | str) -> Request:
        """What to ask for a sentence in the voice of a recording, or of a speaker; "" is neither.

        Raises:
            ProviderError: the recording cannot be used, or there is none.
        """

    async def speakers(self) -> Sequence[str]:
        """The voices that the server has without a recording; it is asked where it can be.

        Raises:
            ProviderError: it did not answer.
        """
        return ()

    def is_speaker(self, name: str, speakers: Sequence[str]) -> bool:
        """Whether the server has a voice of this name, where it told `speakers`."""
        return name in speakers

    def decoder(self) -> Decoder:
        """What turns an answer into sound: of what it is, and of its rate, its beginning tells."""
        return decoder("auto")

    def no_recording(self) -> ProviderError:
        """There is none, and the server has no voice of its own either."""
        return ProviderError(
            f"{self.name} has no voice to clone: put a recording NAME.wav, and what is said in it as "
            "NAME.txt, into the folder of voices_dir",
            retryable=False,
        )

    async def _choose(self, name: str) -> Reference | str:
        """The recording or the speaker of a name; it is looked up, and never part of a path."""
        wanted = self._voice if name in ("", AUTO) else name
        found = await asyncio.to_thread(self.references.all)
        if wanted in found:
            return found[wanted]
        if wanted in ("", AUTO) and found:
            return next(iter(found.values()))
        speakers = self._speakers
        if speakers is None or (wanted not in ("", AUTO) and not self.is_speaker(wanted, speakers)):
            speakers = self._speakers = await self.speakers()
        if wanted in ("", AUTO):
            return next(iter(speakers), "")
        if self.is_speaker(wanted, speakers):
            return wanted
        examples = ", ".join([*found, *speakers][:5]) or "none; recordings are read from voices_dir"
        raise ProviderError(f"{self.name} has no voice {wanted!r}; there are: {examples}", retryable=False)


__all__ = ["AUTO", "CloningProvider"]
