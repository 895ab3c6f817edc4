from __future__ import annotations

import pytest

from livetalk.pipeline.cushion import LEAST_S, Cushion
from livetalk.pipeline.lead import START_FRAMES
from livetalk.pipeline.onset import Onset
from livetalk.pipeline.walk import Walk
from livetalk.types import MediaFrame, SpeechStart
from tests.pipeline.show import Show


class Stage:
    """What an onset knows of, and pictures for it."""

    def __init__(self) -> None:
        self.show = Show()
        self.walk = Walk(self.show.clock)
        self.cushion = Cushion(self.show.clock)
        self.onset = Onset(self.walk, self.cushion)

    def ready(self, count: int, first: int = 1, whole: bool = False, live: bool = False) -> list[MediaFrame]:
        """The first pictures of an utterance, or all of it."""
        tag = self.show.epoch.next_tag()
        marks = [SpeechStart("", live=live)]
        return [
            self.show.frame(
                first + place, tag, *(marks if place == 0 else ()), last=whole and place == count - 1
            )
            for place in range(count)
        ]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_two_pictures_are_enough_and_a_lone_one_waits_a_tick(stage: Stage) -> None:
    assert stage.onset.has_come(stage.ready(2))
    alone = stage.ready(1)
    assert [stage.onset.has_come(alone) for _ in range(2)] == [False, True]


def test_a_lone_picture_that_is_all_there_is_does_not_wait(stage: Stage) -> None:
    assert stage.onset.has_come(stage.ready(1, whole=True))


def test_a_busy_machine_needs_more_in_hand_but_not_ever_more(stage: Stage) -> None:
    stage.walk.latency_ticks = 2
    assert not stage.onset.has_come(stage.ready(3))
    assert stage.onset.has_come(stage.ready(4))
    stage.walk.latency_ticks = 50
    assert stage.onset.has_come(stage.ready(START_FRAMES))


def test_what_was_waited_for_one_utterance_does_not_help_the_next(stage: Stage) -> None:
    assert not stage.onset.has_come(stage.ready(1))
    stage.onset.nothing_waits()
    assert not stage.onset.has_come(stage.ready(1))


def test_speech_waits_for_the_body_to_walk_to_it(stage: Stage) -> None:
    ahead = stage.ready(4, first=2, whole=True)
    assert not stage.onset.has_come(ahead)
    stage.walk.idle()
    assert stage.onset.has_come(ahead)


def test_a_live_voice_waits_for_its_cushion_however_many_are_ready(stage: Stage) -> None:
    live = stage.ready(3, live=True)
    stage.cushion.came(live[0], 0)
    assert not stage.onset.has_come(live)
    stage.show.clock.pass_by(2 * LEAST_S)
    assert stage.onset.has_come(live)
