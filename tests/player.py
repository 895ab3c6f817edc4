"""Plays a session in a test, without a clock."""

from __future__ import annotations

import json
import threading

import numpy as np

from livetalk.events import Event, StateEvent, written
from livetalk.session import Session
from livetalk.types import Int16Array, Picture
from tests.described import as_described

WAIT_S = 20.0


class Player:
    """Plays a session tick by tick, as fast as its speech is ready."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []
        """but for those of its state"""
        self.states: list[str] = []
        self.arrived = threading.Condition()
        self.tick = 0
        self.sound: list[Int16Array] = []
        self.pictures: list[Picture] = []
        self.poses: list[int] = []
        session.events.listen(self._hear)

    def _hear(self, event: Event) -> None:
        with self.arrived:
            if isinstance(event, StateEvent):
                self.states.append(event.state)
            else:
                self.events.append(event)
            self.arrived.notify_all()

    def names(self) -> list[str]:
        """Of all events so far."""
        return [event.name for event in self.events]

    def until(self, name: str, count: int = 1) -> None:
        """Commit ticks until an event came, waiting for speech instead of playing silence."""
        ready = self.session.playout._changed
        while self.names().count(name) < count:
            with ready:
                there = ready.wait_for(
                    lambda: self.session.playout._ready or self.names().count(name) >= count, WAIT_S
                )
            assert there, f"no {name}, only {self.names()}"
            self.play()
        self._check()

    def play(self) -> Int16Array:
        """Commit a tick."""
        frame = self.session.playout.commit(self.tick)
        self.tick += 1
        self.sound.append(frame.pcm)
        self.pictures.append(frame.picture)
        self.poses.append(self.session.playout._walk.pose)
        return frame.pcm

    def hear(self, name: str) -> Event:
        """Wait for an event that comes without anything being played."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: name in self.names(), WAIT_S), f"only {self.names()}"
        self._check()
        return next(event for event in self.events if event.name == name)

    def _check(self) -> None:
        for event in [*self.events]:
            as_described(json.loads(written(event)))

    def spoken(self) -> Int16Array:
        """All sound so far."""
        return np.concatenate(self.sound)
