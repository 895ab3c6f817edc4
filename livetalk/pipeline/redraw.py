"""Redraw: what was drawn for one avatar, drawn again for another that a session changes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.painting import painted
from livetalk.protocols import Engine, EngineAvatar
from livetalk.types import LipFrame, LipJob, MediaFrame, Mouth


class Wanted(Protocol):
    """What has to be known of Playout."""

    @property
    def avatar(self) -> EngineAvatar:
        """The one to draw for."""


class Redraw:
    """Asks the engine once more, before all others: the pictures are about to play."""

    def __init__(
        self, engine: Engine, batcher: Batcher, wanted: Wanted, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._batcher = batcher
        self._wanted = wanted
        self._clock = clock
        self._newest: tuple[LipJob, Mouth] | None = None
        """what `frame` drew last: pictures that share a mouth come one after the other"""

    def frame(self, frame: LipFrame) -> LipFrame:
        """A mouth for the avatar that is wanted: as it is, if it was drawn for that one.

        Raises:
            Exception: whatever the engine raised.
        """
        avatar = self._wanted.avatar
        if frame.job.avatar is avatar:
            self._newest = None
            return frame
        job = replace(frame.job, avatar=avatar, act=None)
        newest = self._newest
        if newest is None or newest[0].window is not job.window or newest[0].avatar is not avatar:
            newest = self._newest = (job, self._mouths([job])[0])
        return replace(frame, job=job, mouth=newest[1])

    def pictures(self, frames: Sequence[MediaFrame]) -> list[MediaFrame]:
        """Pictures that are ready to play, for the avatar that is wanted.

        Raises:
            Exception: whatever the engine raised.
        """
        avatar = self._wanted.avatar
        jobs = [replace(frame.job, avatar=avatar, act=None) for frame in frames]
        return [
            replace(frame, job=job, mouth=mouth, picture=painted(self._engine, mouth, job.shown, avatar))
            for frame, job, mouth in zip(frames, jobs, self._mouths(jobs), strict=True)
        ]

    def _mouths(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """One for each; those of one window share it."""
        leaders = list({id(job.window): job for job in jobs}.values())
        size = self._batcher.best_batch
        drawn: list[Mouth] = []
        for begin in range(0, len(leaders), size):
            drawn += self._batcher.infer(leaders[begin : begin + size], self._clock())
        by_window = {id(job.window): mouth for job, mouth in zip(leaders, drawn, strict=True)}
        return [by_window[id(job.window)] for job in jobs]


__all__ = ["Redraw"]
