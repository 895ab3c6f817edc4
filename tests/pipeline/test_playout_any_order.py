"""Playout: whatever happens, in whatever order, against a model of what should."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.pipeline.lead import START_FRAMES
from livetalk.types import (
    FRAME_S,
    MediaFrame,
)
from tests.pipeline.show import Show, body, is_played, silent, steps

EVENTS = st.lists(st.sampled_from(["say", "make", "make", "tick", "tick", "interrupt", "fail"]), max_size=80)


class Pipeline:
    """What LipSync and Paste do, one sentence in flight at a time."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.coming: list[MediaFrame] = []
        self.ready: list[MediaFrame] = []
        self.following: int | None = None
        self.openings: list[MediaFrame] = []
        self.playing = False
        self.waited = 0
        self.asked_at: float | None = None
        self.latency_s = 0.0

    def say(self, count: int) -> None:
        """Anchor a sentence, once all pictures of the last were made."""
        if self.coming:
            return
        tag = self.show.epoch.next_tag()
        follows = self.following is not None and self.following > self.show.seen + 1
        self.asked_at = None if follows else self.show.clock.now_s
        pose, _ = self.show.playout.anchor(tag, self.following)
        self.coming = [self.show.frame(pose + place, tag, last=place == count - 1) for place in range(count)]
        self.openings.append(self.coming[0])
        self.following = pose + count

    def make(self) -> None:
        """Hand over the next picture, if there is room."""
        if self.coming and len(self.ready) < START_FRAMES:
            frame = self.coming.pop(0)
            self.show.playout.put(frame)
            if self.asked_at is not None:
                self.latency_s = self.show.clock.now_s - self.asked_at
                self.asked_at = None
            self.ready.append(frame)

    def due(self) -> MediaFrame | None:
        """What the next tick has to play.

        A sentence begins where the body has walked to it, and with some pictures, or as many ticks later.
        """
        if not self.ready:
            self.waited = 0
            return None
        if not self.playing and self.ready[0].job.pose > self.show.seen + 1:
            return None
        wanted = min(2 + int(self.latency_s / FRAME_S), START_FRAMES)
        if not self.playing and not self.ready[-1].last and len(self.ready) + self.waited < wanted:
            self.waited += 1
            return None
        self.waited = 0
        frame = self.ready.pop(0)
        self.playing = not frame.last
        return frame

    def interrupt(self) -> None:
        """Everything so far is stale."""
        self.show.interrupt()
        self.playing = False
        self.coming, self.ready, self.following = [], [], None

    def fail(self) -> None:
        """The rest of the sentence in flight will not come; nothing of it is ready."""
        if self.coming and not self.ready:
            self.show.playout.abandon(self.coming[0].tag)
            self.following = self.coming[0].job.pose
            self.coming = []
            self.playing = False


@given(events=EVENTS, lengths=st.lists(st.integers(1, 6), min_size=80, max_size=80))
@settings(deadline=None, max_examples=300)
def test_whatever_happens_sound_plays_with_its_own_picture_and_the_body_never_walks_back(
    events: list[str], lengths: list[int]
) -> None:
    show = Show()
    pipeline = Pipeline(show)
    actions: dict[str, Callable[[], None]] = {
        "make": pipeline.make,
        "interrupt": pipeline.interrupt,
        "fail": pipeline.fail,
    }
    pose = body(show.play())
    count: Iterator[int] = iter(lengths)
    for event in [*events, *["tick"] * 5]:
        if event == "say":
            pipeline.say(next(count))
        elif event == "tick":
            expected = pipeline.due()
            played = show.play()
            assert is_played(played, expected) if expected else silent(played)
            (step,) = steps([pose, body(played)])
            assert step in (0, 1) or (step > 1 and any(expected is first for first in pipeline.openings))
            pose = body(played)
        else:
            actions[event]()
