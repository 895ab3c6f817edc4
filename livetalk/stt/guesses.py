"""Guesses: what may have been said so far, understood on a thread of its own while the speech goes on.

They never hold anything up: one is made at a time for all sessions, none begins while somebody waits for a
final transcript, and the thread rests after each for as long as it took. A machine that is too slow for them
makes none any more.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable

from livetalk.errors import ProviderError
from livetalk.types import Int16Array
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

SLOWEST_S = 2.5
"""a guess that took longer was the last: the words it brings are old"""

Understand = Callable[[Int16Array, Callable[[], bool]], str | None]
"""(speech, whether to give up) -> its text, None where it gave up"""


class Guess:
    """One that is under way; another thread looks whether it is done."""

    def __init__(self, speech: Int16Array) -> None:
        self.speech = speech
        self.text: str | None = None
        """set once it is understood"""
        self.over = False
        """set once it is done, with or without a text"""
        self._dropped = False

    def drop(self) -> None:
        """Nobody wants it any more."""
        self._dropped = True

    def dropped(self) -> bool:
        """Whether nobody wants it any more."""
        return self._dropped


class Guesses:
    """Makes guesses, one after the other."""

    def __init__(self, understand: Understand, busy: Callable[[], bool]) -> None:
        self._understand = understand
        self._busy = busy
        self._asked: queue.SimpleQueue[Guess | None] = queue.SimpleQueue()
        self._worker = Worker("stt-guesses", self._run)
        self._lock = threading.Lock()
        self._current: Guess | None = None
        self._rest_until = 0.0

    def start(self) -> None:
        """Begin to take requests."""
        self._worker.start()

    def stop(self) -> None:
        """Drop what is left, and end the thread.

        Raises:
            StageError: it did not end in time.
        """
        if (current := self._current) is not None:
            current.drop()
        self._asked.put(None)
        self._worker.wait()

    def ask(self, speech: Int16Array) -> Guess | None:
        """Begin one; None where there is no time for it now."""
        with self._lock:
            current = self._current
            under_way = current is not None and not current.over
            if under_way or self._busy() or time.monotonic() < self._rest_until:
                return None
            self._current = guess = Guess(speech)
        self._asked.put(guess)
        return guess

    def _run(self) -> None:
        while (guess := self._asked.get()) is not None:
            begun = time.monotonic()
            try:
                if not guess.dropped():
                    guess.text = self._understand(guess.speech, guess.dropped)
            except ProviderError as error:
                logger.warning("no guess at what is being said: %s", error)
            finally:
                self._rest(time.monotonic() - begun)
                guess.over = True

    def _rest(self, took_s: float) -> None:
        if took_s <= SLOWEST_S:
            self._rest_until = time.monotonic() + took_s
            return
        self._rest_until = math.inf
        logger.info("a guess at what is being said took %.1f s: no more of them on this machine", took_s)


__all__ = ["Guess", "Guesses"]
