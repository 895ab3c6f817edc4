"""The speech-to-speech model: it is asked for a word."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from livetalk.doctor.finding import Finding, Mark
from livetalk.doctor.plugins import ANSWER_S
from livetalk.errors import ProviderError
from livetalk.protocols import Message, RealtimeReply
from livetalk.registry import make_realtime
from livetalk.settings import Settings, realtime_options
from livetalk.types import Int16Array

QUESTION = "Say yes."


def speech_model(settings: Settings) -> Sequence[Finding]:
    """That it can be connected to, takes the session's settings, and begins to speak."""
    name = settings.realtime
    if name == "none":
        return [Finding("speech model", Mark.OK, "none; answers are written, and said by the voice")]
    options = realtime_options(settings)
    made = make_realtime(name, dataclasses.replace(options, timeout_s=min(ANSWER_S, options.timeout_s)))
    try:
        made.load()
        begun = time.monotonic()
        caller = _Caller()
        conversation = made.open(caller)
        try:
            conversation.ask(QUESTION, caller)
            caller.wait()
        finally:
            conversation.close()
        return [Finding("speech model", Mark.OK, f"{name}: speaks within {time.monotonic() - begun:.1f} s")]
    finally:
        made.close()


class _Caller:
    """Has a speech-to-speech model answer once: side and reply of its conversation."""

    wanted = True

    def __init__(self) -> None:
        self._came: SimpleQueue[ProviderError | None] = SimpleQueue()
        """what became of it; None for sound"""

    def wait(self) -> None:
        """Until there is sound.

        Raises:
            ProviderError: there is none.
        """
        try:
            error = self._came.get(timeout=ANSWER_S)
        except Empty as cause:
            problem = f"the speech model did not answer within {ANSWER_S:g} s"
            raise ProviderError(problem, retryable=True) from cause
        if error is not None:
            raise error

    # -- as a reply -------------------------------------------------------------------------------

    def put(self, pcm: Int16Array) -> bool:
        """That was it."""
        self._came.put(None)
        return False

    def write(self, text: str) -> None:
        """Its sound is what counts."""

    def end(self, error: ProviderError | None = None) -> None:
        """There is none."""
        self._came.put(error or ProviderError("the speech model answers without a sound", retryable=True))

    # -- as a side --------------------------------------------------------------------------------

    def instructions(self) -> str:
        """Of no matter."""
        return "Answer in one word."

    def remembered(self) -> Sequence[Message]:
        """Nothing was said before."""
        return ()

    def begin_reply(self, heard: str) -> RealtimeReply | None:
        """Nobody spoke."""
        return None

    def voice(self, active: bool) -> None:
        """Nobody speaks."""

    def understood(self, heard: str, text: str, final: bool) -> None:
        """Nobody spoke."""

    def trouble(self, message: str) -> None:
        """It does not work as it is set up."""
        self._came.put(ProviderError(message, retryable=False))


__all__ = ["speech_model"]
