"""The recogniser's thread: one attempt after the other is understood, or given up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from livetalk.errors import LivetalkError, ProviderError
from livetalk.listening.attempt import Attempt
from livetalk.pipeline.channel import Channel, Closed
from livetalk.protocols import STT, Transcript
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

WAITING = 8
"""attempts: all but the last of them are cancelled ones"""

Understood: TypeAlias = Transcript | LivetalkError
Told: TypeAlias = Callable[[Attempt, Understood], object]


class Recogniser:
    """Tells what is understood of each attempt, its final transcript or an error last."""

    def __init__(self, stt: STT, told: Told) -> None:
        self._stt = stt
        self._told = told
        self._attempts: Channel[Attempt] = Channel("attempts", WAITING)
        self._worker = Worker("recogniser", self._run)

    def start(self) -> None:
        """Begin to take attempts."""
        self._worker.start()

    def begin(self, attempt: Attempt) -> bool:
        """Try to understand this next; whether there is room for it."""
        return self._attempts.offer([attempt])

    def close(self) -> None:
        """End, once what is being understood has been given up by whoever began it.

        Raises:
            StageError: the recogniser does not give up.
        """
        self._attempts.close()
        self._worker.wait()

    def _run(self) -> None:
        try:
            while True:
                self._understand(self._attempts.get())
        except Closed:
            logger.debug("the recogniser ended")

    def _understand(self, attempt: Attempt) -> None:
        if attempt.cancel():
            return
        final = False
        try:
            for transcript in self._stt.transcribe(attempt.pieces(), attempt.cancel):
                final = transcript.final
                self._told(attempt, transcript)
        except LivetalkError as error:
            logger.warning("speech was not understood: %s", error)
            self._told(attempt, error)
        except Exception:
            logger.exception("the recogniser failed")
            self._told(attempt, ProviderError("the recogniser failed; see the server's log", retryable=True))
        else:
            if not final and not attempt.cancel():
                self._told(attempt, Transcript("", final=True))


__all__ = ["Recogniser", "Understood"]
