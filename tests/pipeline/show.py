"""A Playout to be played with, and what can be seen and heard of it."""

from __future__ import annotations

import itertools

import numpy as np

from livetalk.metrics import Metrics
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.face import CLOSING_FRAMES
from livetalk.pipeline.playout import Played, Playout
from livetalk.protocols import PlayedFrame
from livetalk.types import (
    FRAME_S,
    LipJob,
    Mark,
    MediaFrame,
    Tag,
)
from tests.fakes import Clock, FakeAvatar, FakeEngine, chunk, counted

FRAMES = 250
"""the body's loop: a picture of frame n is n all over, but for the mouth in its first pixel"""
MOUTH = 15_936
"""a mouth that the engine paints as 249"""


class Show:
    """A Playout, the clock it plays by, and what came of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.epoch = Epoch()
        self.engine = FakeEngine()
        self.avatar = FakeAvatar(FRAMES)
        self.metrics = Metrics()
        self.told: list[Played] = []
        self.playout = Playout(
            self.engine, self.avatar, self.epoch, self.metrics, self.told.append, self.clock
        )
        self.tick = 0
        self.seen = 0
        self.level = 0

    def frame(self, pose: int, tag: Tag, *marks: Mark, last: bool = False) -> MediaFrame:
        """A picture with two sounds that no other picture has."""
        self.level += 2
        chunks = (chunk(self.level - 1, tag, *marks), chunk(self.level, tag, last=last))
        mouth = np.array([MOUTH], np.float32)
        job = LipJob(mouth, pose, self.avatar)
        return MediaFrame(
            self.engine.paste(mouth, job.shown.frame, self.avatar), chunks, mouth, job, tag, last
        )

    def put(self, pose: int, tag: Tag, *, last: bool = False) -> MediaFrame:
        frame = self.frame(pose, tag, last=last)
        self.playout.put(frame)
        return frame

    def speak(self, count: int, tag: Tag, following: int | None = None) -> int:
        """A sentence that is ready at once; the pose after it comes back."""
        pose, _ = self.playout.anchor(tag, following)
        for place in range(count):
            self.put(pose + place, tag, last=place == count - 1)
        return pose + count

    def play(self) -> PlayedFrame:
        """Commit the next tick, and let its time pass."""
        played = self.playout.commit(self.tick)
        self.tick += 1
        self.seen = body(played)
        self.clock.pass_by(FRAME_S)
        return played

    def poses(self, ticks: int) -> list[int]:
        return [body(self.play()) for _ in range(ticks)]

    def mouths(self, ticks: int) -> list[int]:
        """The mouth's level at each tick; -1 is a body at rest."""
        return [mouth(self.play()) for _ in range(ticks)]

    def rests(self) -> bool:
        """Whether the next tick is the idle body's: nothing is said, and nothing is waited for."""
        before = counted(self.metrics, 'frames_played_total{kind="idle"}')
        return silent(self.play()) and counted(self.metrics, 'frames_played_total{kind="idle"}') > before

    def interrupt(self) -> None:
        self.epoch.advance()
        self.playout.interrupted()


def body(played: PlayedFrame) -> int:
    """The pose that a picture shows."""
    return int(played.picture[1, 1])


def mouth(played: PlayedFrame) -> int:
    """The mouth's level, -1 for a body at rest."""
    same = bool(np.all(played.picture == played.picture[1, 1]))
    return -1 if same else int(played.picture[0, 0])


def silent(played: PlayedFrame) -> bool:
    return not np.any(played.pcm)


def is_played(played: PlayedFrame, frame: MediaFrame) -> bool:
    """Whether this is the frame's own picture with exactly its own sound."""
    own = np.concatenate([each.pcm for each in frame.chunks])
    return played.picture is frame.picture and played.pcm.tobytes() == own.tobytes()


def steps(poses: list[int]) -> list[int]:
    """From pose to pose, in a walk shorter than half the loop."""
    return [
        (after - before + FRAMES // 2) % FRAMES - FRAMES // 2 for before, after in itertools.pairwise(poses)
    ]


def start_slowly(show: Show, latency_s: float) -> None:
    """A turn whose first picture takes this long; the next anchors reckon with it."""
    tag = show.epoch.next_tag()
    pose, _ = show.playout.anchor(tag, None)
    for _ in range(round(latency_s / FRAME_S)):
        show.play()
    show.put(pose, tag, last=True)
    show.poses(1 + CLOSING_FRAMES)
