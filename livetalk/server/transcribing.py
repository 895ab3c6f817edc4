"""Recordings of what a user says: understood by the server's recogniser, then asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from livetalk.audio.clip import decode_clip
from livetalk.cancellation import Cancellation
from livetalk.errors import InvalidRequest, ProviderError, Unavailable
from livetalk.protocols import STT, Cancel
from livetalk.server.threads import in_thread
from livetalk.server.waiting import while_there
from livetalk.service import Service
from livetalk.session import Session
from livetalk.types import EventFields, Int16Array, Tag

ANSWER_LIMIT_S = 120.0
"""within which a recording has to be understood, or its answer to be said"""
AT_ONCE = 2
"""recordings that are understood at a time; others wait"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording says."""

    text: str
    times: Mapping[str, float]
    """when it came, and when it was understood, on the sessions' clock"""

    def ask(self, session: Session, fields: EventFields | None = None) -> Tag:
        """Have it answered, and shown as what the user said; the tag of the answer."""
        tag = session.conversation.chat(self.text, fields=fields, heard=self.times)
        session.conversation.understood(self.text, final=True, tag=tag)
        return tag


class Transcriber:
    """Understands recordings in threads of its own; gives up where the caller does."""

    def __init__(self, service: Service, clip_limit_s: float) -> None:
        self._service = service
        self._clip_limit_s = clip_limit_s
        self._threads = ThreadPoolExecutor(AT_ONCE, "transcribing")

    def check(self) -> None:
        """See that speech can be understood here, before much is read.

        Raises:
            Unavailable: it cannot.
        """
        self._recogniser()

    async def understand(self, request: web.Request, content: bytes, limit_s: float) -> Heard:
        """Understand a sound file, checked before to be one.

        Raises:
            Unavailable: this server has no recogniser, or it failed; says why.
            InvalidRequest: there are no words in it.
            TimedOut, ConnectionResetError: as for `while_there`.
        """
        stt, cancel, came = self._recogniser(), Cancellation(), time.monotonic()
        work = partial(self._transcribe, stt, content, cancel)
        transcribing = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            text = await while_there(request, transcribing, limit_s, "the recording was not understood")
        except ProviderError as error:
            raise Unavailable(str(error)) from error
        finally:
            cancel.cancel()
        if not text:
            raise InvalidRequest("no words were understood in the recording; speak closer, or louder")
        return Heard(text, {"asked": came, "recognised": time.monotonic()})

    async def stop(self) -> None:
        """Let go of the threads."""
        await in_thread(partial(self._threads.shutdown, cancel_futures=True))

    def _recogniser(self) -> STT:
        if self._service.stt is None:
            raise Unavailable("this server understands no speech; choose a recogniser with the setting stt")
        return self._service.stt

    def _transcribe(self, stt: STT, content: bytes, cancel: Cancel) -> str:
        text = ""
        for transcript in stt.transcribe(self._sound(content, cancel), cancel):
            text = transcript.text
        return text.strip()

    def _sound(self, content: bytes, cancel: Cancel) -> Iterator[Int16Array]:
        for pcm in decode_clip(content, self._clip_limit_s):
            if cancel():
                return
            yield pcm


__all__ = ["ANSWER_LIMIT_S", "Heard", "Transcriber"]
