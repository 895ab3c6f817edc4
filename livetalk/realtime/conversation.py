"""A session's conversation with a server of the Realtime API, on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing

from livetalk.audio.resample import StreamResampler
from livetalk.cancellation import Cancellation
from livetalk.errors import LivetalkError, ProviderError
from livetalk.protocols import REPLY_RATE, RealtimeOptions, RealtimeReply, RealtimeSide
from livetalk.realtime.asks import Ask
from livetalk.realtime.connection import NAME, Connection, Outbox
from livetalk.realtime.exchange import Exchange
from livetalk.realtime.messages import append
from livetalk.remote.calls import Calls, TimeLimits
from livetalk.types import SAMPLE_RATE, Int16Array
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

WORD_FOR_WORD = "Say exactly the following words, all of them and nothing else, as they are: "
RETRY_S = 5.0
"""a microphone alone does not have it try again sooner, nor a connection that was no longer and of no use"""
FOR_EVER_S = float("inf")
"""a server is silent while nobody speaks"""


class Conversation:
    """Connects at once, once more where the connection is lost, and then when something is asked or said."""

    def __init__(
        self,
        calls: Calls,
        options: RealtimeOptions,
        side: RealtimeSide,
        connect: Callable[[Outbox], Connection],
    ) -> None:
        self._calls = calls
        self._side = side
        self._connect = connect
        self._limits = TimeLimits(options.timeout_s, FOR_EVER_S, "realtime_timeout_s")
        self._outbox = Outbox()
        self._exchange = Exchange(options, side, self._outbox.put)
        self._resampler = StreamResampler(SAMPLE_RATE, REPLY_RATE)
        self._cancel = Cancellation()
        self._changed = threading.Condition()
        self._wanted = True
        """somebody waits for a connection"""
        self._connected = False
        self._gave_up_at = -RETRY_S
        self._useless = 0
        """connections in a row that were lost at once"""
        self._worker = Worker("realtime", self._run)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def ask(self, text: str, reply: RealtimeReply) -> None:
        """Answer what the user wrote; it fails by `reply`."""
        self._ask(Ask(reply, text))

    def recite(self, text: str, reply: RealtimeReply) -> None:
        """Say these words, as they are."""
        self._ask(Ask(reply, instructions=WORD_FOR_WORD + text, with_tools=False))

    def hear(self, pcm: Int16Array) -> None:
        """Take (n,) samples of a voice, mono, 16 kHz; one thread."""
        if not self._connected:
            if time.monotonic() - self._gave_up_at > RETRY_S:
                self._want()
            return
        sound = self._resampler.push(pcm)
        if len(sound):
            self._exchange.tell(append(sound))

    def end_heard(self) -> None:
        """What was heard since the last time is a question: answer it."""
        self._exchange.tell({"type": "input_audio_buffer.commit"})

    def forget_heard(self) -> None:
        """What was heard since the last time was nothing."""
        self._exchange.tell({"type": "input_audio_buffer.clear"})

    def cut(self, reply: RealtimeReply, played_s: float) -> None:
        """Nobody hears more of an answer than so many seconds."""
        self._exchange.cut(reply, played_s)

    def close(self) -> None:
        """Disconnect, and end what is being made.

        Raises:
            StageError: its thread, or that of a tool, did not end in time.
        """
        self._cancel.cancel()
        with self._changed:
            self._changed.notify_all()
        try:
            self._worker.wait()
        finally:
            self._exchange.close()

    def _ask(self, ask: Ask) -> None:
        self._exchange.ask(ask)
        if not self._connected:
            self._want()

    def _want(self) -> None:
        with self._changed:
            self._wanted = True
            self._changed.notify_all()

    def _is_wanted(self) -> bool:
        """Wait until a connection is; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._cancel())
            self._wanted = False
            return not self._cancel()

    def _run(self) -> None:
        while self._is_wanted():
            begun_at = time.monotonic()
            error = self._converse()
            was_connected, self._connected = self._connected, False
            self._gave_up_at = time.monotonic()
            if self._cancel():
                break
            logger.warning("%s", error)
            useful = self._exchange.answering or self._gave_up_at - begun_at > RETRY_S
            self._useless = 0 if useful else self._useless + was_connected
            again = was_connected and self._useless < 2
            told = self._exchange.lost(error, again=again)
            if again:
                self._want()
            elif not told:
                self._side.trouble(str(error))
        self._exchange.lost(ProviderError("the session has ended", retryable=False), again=False)

    def _converse(self) -> ProviderError:
        """Follow one connection to its end; why it ended."""
        try:
            connection = self._connect(self._outbox)
            with closing(self._calls.stream(NAME, connection.events, self._limits, self._cancel)) as events:
                for event in events:
                    self._exchange.take(event)
                    if not self._connected:
                        self._connected, self._wanted = True, False
        except ProviderError as error:
            return error
        except LivetalkError as error:
            return ProviderError(str(error), retryable=False)
        except Exception:
            logger.exception("a conversation failed")
            return ProviderError("the conversation failed; see the server's log", retryable=True)
        return ProviderError(f"{NAME} is closed", retryable=True)


__all__ = ["Conversation"]
