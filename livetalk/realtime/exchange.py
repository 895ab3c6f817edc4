"""The exchange with a server of the Realtime API: what its events mean, and what is sent for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from livetalk.errors import ProviderError
from livetalk.protocols import RealtimeOptions, RealtimeReply, RealtimeSide
from livetalk.realtime import messages
from livetalk.realtime.answer import Answer, ToolCall, failure
from livetalk.realtime.answers import Answers
from livetalk.realtime.asks import Ask, Asks
from livetalk.realtime.errands import Errands
from livetalk.realtime.messages import ClientEvent
from livetalk.realtime.refusal import BUSY, EXPIRED, Refusal
from livetalk.realtime.transcripts import TRANSCRIPTION, Transcripts
from livetalk.remote.toolbox import ROUNDS, Toolbox

logger = logging.getLogger(__name__)


class Exchange:
    """What is asked, and what comes. One thread takes the server's events, any may ask."""

    def __init__(
        self, options: RealtimeOptions, side: RealtimeSide, send: Callable[[ClientEvent], object]
    ) -> None:
        self._options = options
        self._side = side
        self._send = send
        self._transcripts = Transcripts(side)
        self._errands = Errands(Toolbox(options.tools))
        self._lock = threading.RLock()
        self._connected = False
        self._told = ""
        """instructions that the server has"""
        self._asks = Asks()
        self._answers = Answers(send, self._errands, self._used)
        self._heard = ""
        """what was said last, by its id, until it is answered, and all that was said before with it"""

    # -- what is asked ----------------------------------------------------------------------------

    def ask(self, ask: Ask) -> None:
        """Have it answered, after what is being answered."""
        with self._lock:
            self._answers.give_up(in_vain=self._asks.give_up())
            self._asks.add(ask)
            self._ask_next()

    def tell(self, event: ClientEvent) -> None:
        """Send something, if anybody is there."""
        with self._lock:
            if self._connected:
                self._send(event)

    def cut(self, reply: RealtimeReply, played_s: float) -> None:
        """Make no more of an answer, and have the server know what was heard of it."""
        with self._lock:
            self._asks.cut(reply)
            self._answers.cut(reply, played_s)

    def lost(self, error: ProviderError, *, again: bool) -> bool:
        """The connection is gone: what was being answered fails; whether anything did. With `again`, what the
        next connection can answer as well waits for it."""
        with self._lock:
            self._connected = False
            left: list[Answer | Ask] = [*self._answers.lose(), *self._asks.lose(again=again)]
            self._heard = ""
        self._side.voice(False)
        replies = [each.reply for each in left if each.reply is not None]
        for reply in replies:
            reply.end(error)
        return bool(replies)

    def close(self) -> None:
        """End what its tools still do, once it is lost for good.

        Raises:
            StageError: a tool blocks.
        """
        self._errands.close()

    @property
    def answering(self) -> bool:
        """Whether this connection has begun to answer anything."""
        return bool(self._answers)

    # -- what comes -------------------------------------------------------------------------------

    def take(self, event: Mapping[str, Any]) -> None:
        """Follow an event of the server's; those unknown are passed over.

        Raises:
            ProviderError: the server leaves.
        """
        kind = event.get("type", "")
        if kind.startswith(TRANSCRIPTION):
            self._transcripts.take(kind.removeprefix(TRANSCRIPTION), event)
        elif kind in _TAKEN:
            _TAKEN[kind](self, event)

    def _created(self, _event: Mapping[str, Any]) -> None:
        with self._lock:
            self._told = self._side.instructions()
            self._send(messages.session_update(self._options, self._told))
            known = [*self._side.remembered()]
            if self._asks.first is not None and self._asks.first.text and known and known[-1].role == "user":
                known.pop()  # it is asked below
            for item in messages.remembered(known):
                self._send(item)
            self._connected = True
            self._ask_next()

    def _response_created(self, event: Mapping[str, Any]) -> None:
        response = event["response"]
        request = (response.get("metadata") or {}).get(messages.ASKED_BY, "")
        with self._lock:
            if not request and not self._heard and self._asks.sent is not None:
                request = self._asks.sent.request  # some servers hand no metadata back
            if request:
                ask = self._asks.answered(request)
                self._answers.add(Answer(response["id"], None) if ask is None else ask.answer(response["id"]))
                return
            heard, self._heard = self._heard, ""
        reply = self._side.begin_reply(heard)
        with self._lock:
            self._answers.add(Answer(response["id"], reply))

    def _piece(self, event: Mapping[str, Any]) -> None:
        if (answer := self._answers.get(event["response_id"])) is None:
            return
        with self._lock:
            pcm = answer.follow(event)
        if pcm is not None and answer.reply is not None and not answer.reply.put(pcm):
            with self._lock:
                self._answers.stop(answer)

    def _text(self, event: Mapping[str, Any]) -> None:
        answer = self._answers.get(event["response_id"])
        if answer is not None and answer.reply is not None and not answer.stopped:
            answer.reply.write(answer.text(event))

    def _response_done(self, event: Mapping[str, Any]) -> None:
        response = event["response"]
        if (answer := self._answers.get(response["id"])) is not None:
            with self._lock:
                goes_on = self._answers.finish(answer, response)
            if answer.reply is not None and not answer.stopped and not goes_on:
                answer.reply.end(failure(answer, response))
        with self._lock:
            self._ask_next()

    def _voice(self, event: Mapping[str, Any]) -> None:
        self._side.voice(event["type"].endswith("started"))

    def _committed(self, event: Mapping[str, Any]) -> None:
        if self._options.turn_detection == "ours":
            self._answer_heard(event["item_id"])
        else:
            self._heard = event["item_id"]

    def _refused(self, event: Mapping[str, Any]) -> None:
        refusal = Refusal.of(event)
        if refusal.code == EXPIRED:
            raise ProviderError(refusal.why, retryable=True)
        if refusal.harmless:
            logger.info("%s", refusal.why)
            return
        if refusal.code == BUSY:
            self._ask_later(refusal)
            return
        with self._lock:
            ask = self._asks.refused(refusal.cause)
            self._ask_next()
        if ask is None:
            self._side.trouble(refusal.why)
        elif ask.reply is not None:
            ask.reply.end(ProviderError(refusal.why, retryable=False))

    def _ask_later(self, refusal: Refusal) -> None:
        """The server answers something else: ask again once that is done. What its own judge of turns could
        not have answered is not asked again by itself."""
        with self._lock:
            heard = "" if refusal.cause else self._heard
            self._heard = "" if heard else self._heard
            sent = "" if heard or self._asks.sent is None else self._asks.sent.request
            if (ask := self._asks.refused(refusal.cause or sent)) is not None:
                self._asks.put_back(ask)
        if heard:
            self._answer_heard(heard)

    def _answer_heard(self, heard: str) -> None:
        if (reply := self._side.begin_reply(heard)) is not None:
            self.ask(Ask(reply))

    def _used(self, answer: Answer, results: Sequence[tuple[ToolCall, str]]) -> None:
        """What tools gave, on their thread."""
        with self._lock:
            answer.errand = None
            if self._answers.get(answer.id) is not answer:  # of a connection that is gone
                return
            self._answers.settle(messages.tool_result(call.id, result) for call, result in results)
            if not answer.cut and answer.reply is not None and answer.reply.wanted:
                self._asks.go_on(Ask(answer.reply, after=answer, with_tools=answer.round + 1 < ROUNDS))
                self._ask_next()

    # -- inside, under the lock -------------------------------------------------------------------

    def _ask_next(self) -> None:
        ask = self._asks.send() if self._connected and not self._answers.busy else None
        if ask is None:
            return
        instructions = self._side.instructions()
        if instructions != self._told:
            self._told = instructions
            self._send(messages.new_instructions(instructions))
        if ask.text and not ask.told:
            ask.told = True
            self._send(messages.question(ask.request, ask.text))
        self._send(messages.respond(ask.request, ask.instructions, with_tools=ask.with_tools))


_TAKEN: Mapping[str, Callable[[Exchange, Mapping[str, Any]], None]] = {
    "session.created": Exchange._created,
    "response.created": Exchange._response_created,
    "response.output_item.added": Exchange._piece,
    "response.output_item.done": Exchange._piece,
    "response.output_audio.delta": Exchange._piece,
    "response.output_audio_transcript.delta": Exchange._text,
    "response.output_text.delta": Exchange._piece,
    "response.done": Exchange._response_done,
    "input_audio_buffer.speech_started": Exchange._voice,
    "input_audio_buffer.speech_stopped": Exchange._voice,
    "input_audio_buffer.committed": Exchange._committed,
    "error": Exchange._refused,
}

__all__ = ["Exchange"]
