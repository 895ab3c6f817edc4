"""LipSync: windows become mouths by the engine's batcher, each with the pose it will be pasted on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import Engine, EngineAvatar
from livetalk.types import FeatureChunk, LipFrame, LipJob, Mouth, Shown, SpeechStart, Tag

OPENING = (0.5, 0.85)
"""share of the first mouths of a turn, so that speech which starts loud does not open with a jump"""


class PlayoutView(Protocol):
    """What LipSync has to know of Playout."""

    @property
    def avatar(self) -> EngineAvatar:
        """The one to draw for."""

    def anchor(self, tag: Tag, following: int | None) -> tuple[int, bool]:
        """The pose of a sentence's first picture, and whether the face is at rest before it.

        `following` is the pose after the last one given out, if it belongs to the same epoch.
        """

    def play(self, action: str, *, at: int) -> None:
        """Show an action of the avatar from a pose on."""

    def act(self, pose: int) -> Shown | None:
        """What an action of this avatar shows at a pose; None where the body walks."""

    def lead_s(self) -> float:
        """Seconds of speech that are ready to play."""


class LipSync(Stage[FeatureChunk, LipFrame]):
    """Starts each sentence with one picture and grows to what the engine likes best."""

    def __init__(
        self,
        inbox: Channel[FeatureChunk],
        outbox: Sink[LipFrame],
        epoch: Epoch,
        watcher: Watcher,
        engine: Engine,
        batcher: Batcher,
        playout: PlayoutView,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("lipsync", inbox, outbox, epoch, watcher)
        self._engine = engine
        self._batcher = batcher
        self._playout = playout
        self._clock = clock
        self._batch = 1
        self._gathered: list[FeatureChunk] = []
        self._pose: int | None = None
        self._epoch_of_pose = -1
        self._opening: Iterator[float] = iter(())

    def process(self, item: FeatureChunk) -> Iterator[LipFrame]:
        """Infer this window and as many of those waiting behind it as the batch may hold.

        Where the engine is slower than speech, several pictures share the mouth of the middle one, and are
        waited for.
        """
        if item.first:
            self._batch = 1
        sharing = self._batcher.pictures_per_mouth()
        gathered = [*(each for each in self._gathered if each.tag == item.tag), item]
        if len(gathered) < sharing and not item.last:
            self._gathered = gathered
            return
        self._gathered = []
        items = [*gathered, *self._more(item.tag, self._batch * sharing - len(gathered))]
        self._batch = min(self._batch * 2, self._batcher.best_batch)
        avatar = self._playout.avatar
        own = [self._job(each, avatar) for each in items]
        groups = [own[begin : begin + sharing] for begin in range(0, len(own), sharing)]
        leaders = [group[len(group) // 2] for group in groups]
        deadline = self._clock() + self._playout.lead_s()
        mouths = self._batcher.infer(leaders, deadline, lambda: self.epoch.is_stale(item.tag))
        if not mouths:
            return
        for place, (each, job) in enumerate(zip(items, own, strict=True)):
            leader, mouth = leaders[place // sharing], mouths[place // sharing]
            job = replace(job, window=leader.window)
            yield LipFrame(self._open(mouth), job, each.chunks, each.tag, each.last)

    def _more(self, tag: Tag, limit: int) -> Iterator[FeatureChunk]:
        for _ in range(limit):
            item = self.inbox.poll(lambda waiting: waiting.tag == tag)
            if item is None:
                return
            yield item

    def _job(self, item: FeatureChunk, avatar: EngineAvatar) -> LipJob:
        pose = self._place(item)
        if action := _action_of(item):
            self._playout.play(action, at=pose)
        return LipJob(item.window, pose, avatar, self._playout.act(pose))

    def _place(self, item: FeatureChunk) -> int:
        if item.first or self._pose is None or item.tag.epoch != self._epoch_of_pose:
            following = self._pose if item.tag.epoch == self._epoch_of_pose else None
            self._pose, at_rest = self._playout.anchor(item.tag, following)
            self._epoch_of_pose = item.tag.epoch
            self._opening = iter(OPENING if at_rest else ())
        pose = self._pose
        self._pose += 1
        return pose

    def _open(self, mouth: Mouth) -> Mouth:
        share = next(self._opening, 1.0)
        return mouth if share == 1.0 else self._engine.ease(mouth, share)


def _action_of(item: FeatureChunk) -> str:
    """The action that begins with this picture, "" for none."""
    marks = (mark for chunk in item.chunks for mark in chunk.marks)
    return next((mark.action for mark in marks if isinstance(mark, SpeechStart)), "")
