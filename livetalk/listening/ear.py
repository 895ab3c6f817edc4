"""An ear: a microphone that is listened to, on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from livetalk.audio.turn_taking import SpeechProbability, TurnTaker, TurnTaking
from livetalk.errors import LivetalkError
from livetalk.listening.attempt import Attempt
from livetalk.listening.floor import Floor
from livetalk.listening.recogniser import Recogniser, Understood
from livetalk.listening.spoken import Nobody, SpokenFloor
from livetalk.listening.talk import Follower, Talk
from livetalk.pipeline.channel import Channel, Closed
from livetalk.protocols import STT
from livetalk.types import SAMPLE_RATE, Int16Array
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

WAITING = 200
"""pieces of sound, 4 s of 20 ms each; what comes while so many wait is lost"""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What ears hear with; sessions share it."""

    probability: Callable[[], SpeechProbability]
    """makes the judge of one stream"""
    stt: STT | None = None
    """None where something else understands the words"""
    turn_taking: TurnTaking = field(default_factory=TurnTaking)
    barge_in: bool = True
    """whether the avatar can be interrupted by voice"""


When: TypeAlias = Callable[[int], float]
"""a sample since the stream began -> when it was heard, on the clock"""
Item: TypeAlias = Int16Array | tuple[Attempt, Understood] | None
"""sound, what was understood, or None: the speaker says that this is all"""


class Ear:
    """Takes sound as it arrives; its own thread judges it, another one understands it."""

    def __init__(
        self,
        talk: Talk,
        hearing: Hearing,
        clock: Callable[[], float] = time.monotonic,
        floor: Callable[[When], Follower] | None = None,
    ) -> None:
        """Make one; `floor` makes what follows the turns in place of our own."""
        self._talk = talk
        self._clock = clock
        self._taker = TurnTaker(hearing.probability(), hearing.turn_taking)
        self._recogniser = None if hearing.stt is None else Recogniser(hearing.stt, self._tell)
        self._floor = floor(self._when) if floor else self._usual_floor(hearing.barge_in)
        self._inbox: Channel[Item] = Channel("ear", WAITING)
        self._worker = Worker("ear", self._run)
        self._samples = 0
        self._starting = threading.Lock()
        self._started = self._closed = False

    def push(self, pcm: Int16Array) -> None:
        """Take (n,) samples, mono, 16 kHz; never blocks. The first piece starts the threads."""
        if not self._started:
            self._start()
        self._offer(pcm)

    def finish(self) -> None:
        """The speaker says that this is all, as by letting go of a button."""
        self._offer(None)

    def close(self) -> None:
        """Listen no more; whatever was held goes on.

        Raises:
            StageError: a thread did not end in time.
        """
        with self._starting:
            self._closed = True
        self._inbox.close()
        self._worker.wait()
        self._floor.leave()
        if self._recogniser is not None:
            self._recogniser.close()

    @property
    def closed(self) -> bool:
        """Whether it hears nothing more."""
        return self._closed

    def _usual_floor(self, barge_in: bool) -> Follower:
        if self._recogniser is None:
            return SpokenFloor(self._talk, Nobody(), self._when, barge_in)
        return Floor(self._talk, self._recogniser.begin, self._when, self._clock, barge_in)

    def _start(self) -> None:
        with self._starting:
            if self._started or self._closed:
                return
            self._started = True
            if self._recogniser is not None:
                self._recogniser.start()
            self._worker.start()

    def _offer(self, item: Item) -> None:
        try:
            if not self._inbox.offer([item]):
                logger.debug("an ear is behind: some sound was lost")
        except Closed:
            logger.debug("an ear was closed meanwhile")

    def _tell(self, attempt: Attempt, understood: Understood) -> None:
        """The recogniser's thread tells."""
        try:
            self._inbox.put((attempt, understood))
        except Closed:
            logger.debug("nobody wants to know any more")

    def _run(self) -> None:
        try:
            while True:
                self._handle(self._inbox.get())
        except Closed:
            logger.debug("an ear was closed")

    def _handle(self, item: Item) -> None:
        try:
            if item is None:
                self._floor.finish()
            elif isinstance(item, tuple):
                self._floor.learn(*item)
            else:
                self._hear(item)
        except LivetalkError as error:
            self._floor.give_up(str(error))
        except Exception:
            logger.exception("an ear failed")
            self._floor.give_up("hearing failed; see the server's log")

    def _hear(self, pcm: Int16Array) -> None:
        self._samples += len(pcm)
        for event in self._taker.push(pcm):
            self._floor.follow(event)

    def _when(self, sample: int) -> float:
        """When a sample arrived, on the clock."""
        return self._clock() - (self._samples - sample) / SAMPLE_RATE


__all__ = ["Ear", "Hearing"]
