"""Spoken: what a session plays while it speaks, in one piece; the time between is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from livetalk.events import EndEvent, ErrorEvent, Event, Events, InterruptedEvent, StartEvent
from livetalk.protocols import MediaSource, Reader, Tick, VideoFormat
from livetalk.types import FRAME_S

TAIL_TICKS = 18
"""that are kept after the last sound: the mouth closes, and what a recorder holds back gets to its file"""
TAIL_S = TAIL_TICKS * FRAME_S


class Spoken:
    """A source of speech alone, for one reader; the ticks are numbered as if nothing had been left out.

    The events of speech are told while its tick is committed, before readers are asked for their formats. So
    pictures are wanted from the very tick of the first sound on, which makes that one a key frame; and of
    the time between nothing is encoded.
    """

    wants_opus = False

    def __init__(self, source: MediaSource, events: Events) -> None:
        self.due = 0
        """ticks that a reader has taken once it has all that was said so far, and its tail"""
        self._source = source
        self._reader: Reader | None = None
        self._sounding: int | None = None
        """the turn that sounds"""
        self._tail = 0
        self._taken = 0
        self._events = events
        self._leave: Callable[[], object] = str

    # -- what the reader calls --------------------------------------------------------------------

    def add(self, reader: Reader) -> None:
        """Begin to hand it speech."""
        self._reader = reader
        self._leave = self._events.listen(self._hear)
        self._source.add(self)

    def remove(self, _reader: Reader) -> None:
        """Hand it no more."""
        self._leave()
        self._source.remove(self)

    def refresh(self, _reader: Reader) -> None:
        """It lost pictures."""
        self._source.refresh(self)

    # -- what the broadcast asks ------------------------------------------------------------------

    @property
    def format(self) -> VideoFormat | None:
        """The reader's, while there is speech."""
        wanted = self._reader is not None and (self._sounding is not None or self._tail > 0)
        return self._reader.format if wanted and self._reader is not None else None

    @property
    def key_frame_s(self) -> float | None:
        """As the reader wants it."""
        return None if self._reader is None else self._reader.key_frame_s

    def take(self, tick: Tick) -> None:
        """Hand on a tick of speech."""
        if tick.video is None or self._reader is None:
            return
        if self._sounding is None:
            self._tail -= 1
        self._reader.take(replace(tick, frame=replace(tick.frame, tick=self._taken)))
        self._taken += 1

    def _hear(self, event: Event) -> None:
        match event:
            case StartEvent(turn=turn):
                self._sounding = turn
            case EndEvent(turn=turn) | InterruptedEvent(turn=turn) | ErrorEvent(turn=int(turn), over=True):
                self._stopped(turn)

    def _stopped(self, turn: int) -> None:
        """A sentence of it sounds no more; where another follows at once, nothing is cut out."""
        if turn == self._sounding:
            self._sounding = None
            self._tail = TAIL_TICKS
            self.due = self._taken + TAIL_TICKS


__all__ = ["TAIL_S", "TAIL_TICKS", "Spoken"]
