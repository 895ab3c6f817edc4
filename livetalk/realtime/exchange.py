"""The exchange with a server of the Realtime API: what its events mean, and what is sent for them."""

from __future__ import annotations

import base64
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np

from livetalk.errors import ProviderError
from livetalk.protocols import RealtimeOptions, RealtimeReply, RealtimeSide
from livetalk.realtime import messages
from livetalk.realtime.answer import Answer, Ask, failure
from livetalk.realtime.messages import ClientEvent
from livetalk.realtime.transcripts import TRANSCRIPTION, Transcripts

logger = logging.getLogger(__name__)

KEPT = 8
"""answers that may still be truncated"""
SETTLING = "settle_"
"""begins the ids of what is sent to stop an answer, and to have the server know what was heard of it"""
BUSY = "conversation_already_has_active_response"


class Exchange:
    """What is asked, and what comes. One thread takes the server's events, any may ask."""

    def __init__(
        self, options: RealtimeOptions, side: RealtimeSide, send: Callable[[ClientEvent], object]
    ) -> None:
        self._options = options
        self._side = side
        self._send = send
        self._transcripts = Transcripts(side)
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._connected = False
        self._told = ""
        """instructions that the server has"""
        self._asks: deque[Ask] = deque()
        """the first of them was sent, where it has a request"""
        self._answers: dict[str, Answer] = {}
        self._heard: deque[str] = deque()
        """what was said, by its id, and not answered yet"""

    # -- what is asked ----------------------------------------------------------------------------

    def ask(self, ask: Ask) -> None:
        """Have it answered, after what is being answered."""
        with self._lock:
            self._asks.append(ask)
            self._ask_next()

    def tell(self, event: ClientEvent) -> None:
        """Send something, if anybody is there."""
        with self._lock:
            if self._connected:
                self._send(event)

    def cut(self, reply: RealtimeReply, played_s: float) -> None:
        """Make no more of an answer, and have the server know what was heard of it."""
        with self._lock:
            for ask in self._asks:
                ask.reply = None if ask.reply is reply else ask.reply
            self._asks = deque(each for each in self._asks if each.request or each.reply is not None)
            for answer in self._answers.values():
                if answer.reply is reply:
                    self._cut(answer, played_s)

    def lost(self, error: ProviderError) -> bool:
        """The connection is gone: what was being answered fails; whether anything did."""
        with self._lock:
            self._connected = False
            left = [each.reply for each in self._answers.values() if not each.done]
            left += [each.reply for each in self._asks]
            self._asks.clear()
            self._answers.clear()
            self._heard.clear()
        self._side.voice(False)
        replies = [each for each in left if each is not None]
        for reply in replies:
            reply.end(error)
        return bool(replies)

    # -- what comes -------------------------------------------------------------------------------

    def take(self, event: Mapping[str, Any]) -> None:
        """Follow an event of the server's; those unknown are passed over."""
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
            if self._asks and self._asks[0].text and known and known[-1].role == "user":
                known.pop()  # it is asked below
            for item in messages.remembered(known):
                self._send(item)
            self._connected = True
            self._ask_next()

    def _response_created(self, event: Mapping[str, Any]) -> None:
        response = event["response"]
        request = (response.get("metadata") or {}).get(messages.ASKED_BY, "")
        with self._lock:
            asked = self._asks.popleft() if self._asks and request == self._asks[0].request else None
        if asked is not None:
            reply = asked.reply
        else:
            reply = self._side.begin_reply(self._heard.popleft() if self._heard else "")
        answer = Answer(response["id"], reply)
        with self._lock:
            self._answers[answer.id] = answer
            for old in [*self._answers][:-KEPT]:
                del self._answers[old]
            if reply is None:
                self._cut(answer, 0.0)

    def _sound(self, event: Mapping[str, Any]) -> None:
        answer = self._wanted(event)
        if answer is None or answer.reply is None:
            return
        pcm = np.frombuffer(base64.b64decode(event["delta"]), "<i2").astype(np.int16, copy=False)
        with self._lock:
            answer.came(event["item_id"], event.get("content_index", 0), len(pcm))
        if not answer.reply.put(pcm):
            with self._lock:
                self._stop(answer)

    def _text(self, event: Mapping[str, Any]) -> None:
        answer = self._wanted(event)
        if answer is not None and answer.reply is not None:
            answer.reply.write(event["delta"])

    def _item_added(self, event: Mapping[str, Any]) -> None:
        answer = self._answers.get(event["response_id"])
        if answer is not None and event["item"].get("type") == "message":
            with self._lock:
                answer.announced(event["item"]["id"])

    def _response_done(self, event: Mapping[str, Any]) -> None:
        answer = self._answers.get(event["response"]["id"])
        if answer is None:
            return
        with self._lock:
            answer.done = True
            if answer.cut:
                self._settle(answer.forget_unheard())
        if answer.reply is not None and not answer.stopped:
            answer.reply.end(failure(event["response"]))
        with self._lock:
            self._ask_next()

    def _voice(self, event: Mapping[str, Any]) -> None:
        self._side.voice(event["type"].endswith("started"))

    def _committed(self, event: Mapping[str, Any]) -> None:
        heard = event["item_id"]
        if self._options.turn_detection != "ours":
            self._heard.append(heard)
            return
        if (reply := self._side.begin_reply(heard)) is not None:
            self.ask(Ask(reply))

    def _failed(self, event: Mapping[str, Any]) -> None:
        error = event.get("error") or {}
        why = f"the speech model refused: {error.get('message') or error.get('type')}"
        cause = error.get("event_id") or ""
        if cause.startswith(SETTLING):  # what was to be stopped is over already
            logger.info("%s", why)
            return
        with self._lock:
            ask = self._asks[0] if self._asks and self._asks[0].request else None
            ask = ask if ask is not None and cause in ("", ask.request) else None
            if ask is not None and error.get("code") == BUSY:
                ask.request = ask.text = ""  # asked again once that is done
                return
            if ask is not None:
                self._asks.popleft()
        if ask is None:
            self._side.trouble(why)
        elif ask.reply is not None:
            ask.reply.end(ProviderError(why, retryable=False))
        with self._lock:
            self._ask_next()

    # -- inside, under the lock -------------------------------------------------------------------

    def _ask_next(self) -> None:
        busy = any(not each.done for each in self._answers.values())
        if not self._connected or busy or not self._asks or self._asks[0].request:
            return
        ask = self._asks[0]
        ask.request = f"ask_{next(self._numbers)}"
        instructions = self._side.instructions()
        if instructions != self._told:
            self._told = instructions
            self._send(messages.new_instructions(instructions))
        if ask.text:
            self._send(messages.question(ask.text))
        self._send(messages.respond(ask.request, ask.instructions))

    def _cut(self, answer: Answer, played_s: float) -> None:
        if answer.cut:
            return
        answer.cut = True
        self._stop(answer)
        self._settle(answer.settle(played_s))
        if answer.done:
            self._settle(answer.forget_unheard())

    def _stop(self, answer: Answer) -> None:
        if not answer.stopped and not answer.done:
            answer.stopped = True
            self._settle([messages.cancel(answer.id)])

    def _settle(self, events: Iterable[ClientEvent]) -> None:
        for event in events:
            self._send({**event, "event_id": f"{SETTLING}{next(self._numbers)}"})

    def _wanted(self, event: Mapping[str, Any]) -> Answer | None:
        answer = self._answers.get(event["response_id"])
        return None if answer is None or answer.stopped else answer


_TAKEN: Mapping[str, Callable[[Exchange, Mapping[str, Any]], None]] = {
    "session.created": Exchange._created,
    "response.created": Exchange._response_created,
    "response.output_item.added": Exchange._item_added,
    "response.output_audio.delta": Exchange._sound,
    "response.output_audio_transcript.delta": Exchange._text,
    "response.done": Exchange._response_done,
    "input_audio_buffer.speech_started": Exchange._voice,
    "input_audio_buffer.speech_stopped": Exchange._voice,
    "input_audio_buffer.committed": Exchange._committed,
    "error": Exchange._failed,
}

__all__ = ["Exchange"]
