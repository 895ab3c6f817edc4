"""Playout: the one place with a clock. Decides, once a tick, what plays: speech, or the idle body."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from livetalk.metrics import Metrics
from livetalk.pipeline.acting import Acting
from livetalk.pipeline.backdrop import Backdrop
from livetalk.pipeline.channel import Closed
from livetalk.pipeline.cushion import Cushion
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.face import Face
from livetalk.pipeline.lead import Lead
from livetalk.pipeline.onset import Onset
from livetalk.pipeline.walk import Walk
from livetalk.protocols import Engine, EngineAvatar, PlayedFrame
from livetalk.types import (
    CHUNKS_PER_FRAME,
    FRAME_S,
    SILENT_TICK,
    Int16Array,
    Mark,
    MediaFrame,
    Picture,
    SessionState,
    Shown,
    Tag,
)

logger = logging.getLogger(__name__)

SPARE_S = 0.06
"""what may be ready of a live voice beside its cushion: a tick that it waited for, and half a picture"""

Redrawing: TypeAlias = Callable[[Sequence[MediaFrame]], Sequence[MediaFrame]]
"""draws pictures again, for the avatar that is wanted"""


@dataclass(frozen=True, slots=True)
class Played:
    """A mark came to sound."""

    mark: Mark
    tag: Tag
    at_s: float
    """when, on the session's clock"""


class Playout:
    """A timeline of 40 ms ticks against one clock; every transport of a session reads this one.

    The body walks one pose a tick. Speech brings its own poses, anchored so that they go on where
    the walk is when the first of them plays.
    """

    def __init__(
        self,
        engine: Engine,
        avatar: EngineAvatar,
        epoch: Epoch,
        metrics: Metrics,
        on_played: Callable[[Played], None],
        clock: Callable[[], float] = time.monotonic,
        on_acted: Callable[[str], object] = str,
        backdrop: Backdrop | None = None,
    ) -> None:
        """Make one; `on_acted` is told the name of each action that is seen, "" for the body's walk again."""
        self.avatar = avatar
        """the one to draw for; shown as soon as what is ready was drawn for it"""
        self._face = Face(engine, avatar, backdrop or Backdrop())
        self._redraw: Redrawing | None = None
        """the last change's"""
        self._epoch = epoch
        self._metrics = metrics
        self._on_played = on_played
        self._on_acted = on_acted
        self._clock = clock
        self._changed = threading.Condition()
        self._ready: deque[MediaFrame] = deque()
        self._lead = Lead()
        self._cushion = Cushion(clock)
        self._walk = Walk(clock)
        self._acting = Acting(avatar.bundle)
        self.state: SessionState = "idle"
        """of the session, by which an avatar's plan goes"""
        self._onset = Onset(self._walk, self._cushion)
        self._closed = False
        self._start: float | None = None
        self._interrupted_at: float | None = None
        self._current: MediaFrame | None = None
        self._held_by: set[object] = set()

    # -- what the pipeline calls ------------------------------------------------------------------

    def put(self, item: MediaFrame) -> None:
        """Take a picture to play, waiting while enough are ready; drop it if it went stale.

        Raises:
            Closed: the session ends.
            Exception: the avatar changed while it waited, and the engine could not draw it again.
        """
        with self._changed:
            self._cushion.came(item, len(self._ready))
        while redraw := self._take(item):
            (item,) = redraw([item])

    def _take(self, item: MediaFrame) -> Redrawing | None:
        """What has to draw it again; None where it is ready now, or went stale."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._lead.wants_more or self._epoch.is_stale(item.tag)
            )
            if self._closed:
                raise Closed("playout")
            if self._epoch.is_stale(item.tag):
                return None
            if self._redraw is not None and item.job.avatar is not self.avatar:
                return self._redraw
            self._walk.came(item.job.pose)
            self._ready.append(item)
            self._lead.put(len(self._ready))
            self._changed.notify_all()
            return None

    def anchor(self, tag: Tag, following: int | None) -> tuple[int, bool]:
        """The pose of a sentence's first picture, and whether the face is at rest before it.

        `following` is the pose after the last one given out, if it belongs to the same epoch. The walk
        waits at the anchor; an interrupt or `abandon` releases it.
        """
        with self._changed:
            if self._epoch.is_stale(tag):
                return self._walk.pose, True
            pose, follows = self._walk.anchor(tag, following)
            return pose, not follows and self._face.at_rest

    def act(self, pose: int) -> Shown | None:
        """What an action of the wanted avatar shows at a pose; None where the body walks."""
        with self._changed:
            return self._acting.act(pose)

    def lead_s(self) -> float:
        """Seconds of speech that are ready to play."""
        return len(self._ready) * FRAME_S

    def excess_s(self) -> float:
        """Seconds that are ready to play beyond what a live voice needs to go on evenly."""
        with self._changed:
            return self.lead_s() - self._cushion.size_s - SPARE_S

    def play(self, action: str, *, loops: bool = False, at: int | None = None) -> None:
        """Show an action of the avatar from pose `at` on, or as soon as can be: what is drawn plays first.

        An avatar that came meanwhile, and has no such action, walks on.
        """
        with self._changed:
            first = self._walk.pose + 1 if at is None else at
            self._acting.play(action, loops=loops, at=first)

    def end_action(self) -> None:
        """Go back to the body's walk."""
        with self._changed:
            self._acting.end()

    def hold(self, holder: object) -> bool:
        """Let no speech play until `holder`, and all others who hold it, release it; nothing of it is lost.

        Returns:
            Whether speech was playing, or ready to.
        """
        with self._changed:
            self._held_by.add(holder)
            return self._current is not None or bool(self._ready)

    def release(self, holder: object) -> None:
        """Let speech go on where it stopped."""
        with self._changed:
            self._held_by.discard(holder)

    def interrupted(self) -> None:
        """After the epoch advanced: throw away what is ready, let the pipeline's threads go on."""
        with self._changed:
            if self._current is not None and self._epoch.is_stale(self._current.tag):
                self._interrupted_at = self._clock()
            self._lead.rest(0)
            self._acting.silence(self._walk.pose + 1)
            self._let_go()

    def abandon(self, tag: Tag) -> None:
        """A part of this utterance failed: drop what is left of it, here and in every stage."""
        self._epoch.abandon(tag)
        with self._changed:
            self._let_go()

    def change(self, avatar: EngineAvatar, redraw: Redrawing) -> None:
        """Show another avatar from the next tick on; what is ready to play is drawn for it first.

        Until then the one before is shown, and what the pipeline makes is for the new one already.

        Raises:
            Exception: what `redraw` raised; the avatar stays as it was.
        """
        self._redraw = redraw
        before, self.avatar = self.avatar, avatar
        acting = self._acting
        self._acting = Acting(avatar.bundle, acting.seen)
        try:
            self._draw_ready(redraw)
        except Exception:
            self.avatar, self._acting = before, acting
            self._draw_back(redraw)
            raise

    def _draw_back(self, redraw: Redrawing) -> None:
        """Draw what came for the new avatar already for the one that stays."""
        try:
            self._draw_ready(redraw)
        except Exception:
            logger.exception("some pictures of an avatar that did not come will be seen")

    def _draw_ready(self, redraw: Redrawing) -> None:
        drawn: dict[int, tuple[MediaFrame, MediaFrame]] = {}
        while old := self._show_if_all(drawn):
            new = redraw(old)
            drawn |= {id(frame): (frame, again) for frame, again in zip(old, new, strict=True)}

    def _show_if_all(self, drawn: dict[int, tuple[MediaFrame, MediaFrame]]) -> list[MediaFrame]:
        """Show the new avatar if all that is ready was drawn for it; else what was not."""
        with self._changed:
            missing = [
                each for each in self._ready if each.job.avatar is not self.avatar and id(each) not in drawn
            ]
            if not missing:
                self._ready = deque(drawn.get(id(each), (each, each))[1] for each in self._ready)
                self._face.show(self.avatar)
            return missing

    def close(self) -> None:
        """End: whoever waits in `put` gets Closed."""
        with self._changed:
            self._closed = True
            self._ready.clear()
            self._changed.notify_all()

    # -- what transports call ---------------------------------------------------------------------

    def start_time(self) -> float:
        """When tick 0 plays, in seconds of the session's clock; the first caller starts it."""
        with self._changed:
            if self._start is None:
                self._start = self._clock() + FRAME_S
            return self._start

    def commit(self, tick: int) -> PlayedFrame:
        """Decide what plays at `tick`; never blocks. Ticks are asked for once each, rising."""
        with self._changed:
            self._release_stale()
            frame = self._ready.popleft() if self._may_play() else None
            picture, pcm = self._speech(frame) if frame else (self._without_speech(), SILENT_TICK)
            self._measure_silence(tick)
            if self._lead.wants_more:
                self._changed.notify_all()
            acted = self._acting.tick(self.state, self._walk.pose)
        if acted is not None:
            self._on_acted(acted)
        if frame:
            self._tell(frame, tick)
        return PlayedFrame(tick, picture, pcm)

    # -- inside, under the lock -------------------------------------------------------------------

    def _may_play(self) -> bool:
        """Whether to play what is ready."""
        if self._held_by:
            return False
        if self._current is not None or not self._ready:
            self._onset.nothing_waits()
            return bool(self._ready)
        return self._onset.has_come(self._ready)

    def _measure_silence(self, tick: int) -> None:
        if self._interrupted_at is not None and self._start is not None:
            self._metrics.silence_s.observe(self._start + tick * FRAME_S - self._interrupted_at)
        self._interrupted_at = None

    def _speech(self, frame: MediaFrame) -> tuple[Picture, Int16Array]:
        self._metrics.played.labels("speech").inc()
        self._lead.play(len(self._ready))
        self._walk.speak(frame.job.pose)
        if frame.job.avatar is self.avatar:  # all that was drawn for the one before was played
            self._face.show(self.avatar)
        self._current = None if frame.last else frame
        return self._face.speak(frame), np.concatenate([chunk.pcm for chunk in frame.chunks])

    def _without_speech(self) -> Picture:
        if self._held_by and self._current is not None:
            self._metrics.played.labels("waiting").inc()
            return self._face.silent(self._shown())  # the body stands: speech goes on with its next pose
        if self._current is not None:
            self._metrics.played.labels("held").inc()
            self._metrics.underruns.inc()
            return self._face.late(self._current, self._shown())
        self._metrics.played.labels("idle").inc()
        self._lead.rest(len(self._ready))
        self._walk.idle()
        return self._face.silent(self._shown())

    def _shown(self) -> Shown:
        """What the avatar that is seen shows now."""
        pose, bundle = self._walk.pose, self._face.avatar.bundle
        own = self._face.avatar is self.avatar
        return self._acting.shown(pose) if own else Shown(bundle.fold(pose))

    def _let_go(self) -> None:
        self._release_stale()
        self._changed.notify_all()

    def _release_stale(self) -> None:
        stale = self._epoch.is_stale
        self._ready = deque(frame for frame in self._ready if not stale(frame.tag))
        self._walk.release(stale)
        if self._current is not None and stale(self._current.tag):
            self._current = None

    def _tell(self, frame: MediaFrame, tick: int) -> None:
        began = self.start_time() + tick * FRAME_S
        for place, chunk in enumerate(frame.chunks):
            at_s = began + place * FRAME_S / CHUNKS_PER_FRAME
            for mark in chunk.marks:
                self._on_played(Played(mark, chunk.tag, at_s))
