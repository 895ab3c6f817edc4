from __future__ import annotations

import pytest

from livetalk.pipeline.walk import MOST_AHEAD, Walk
from livetalk.types import FRAME_S, Tag
from tests.fakes import Clock

TAG = Tag(0, 1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def walk(clock: Clock) -> Walk:
    return Walk(clock)


def wait(walk: Walk, clock: Clock, ticks: int) -> None:
    """A sentence is asked for and comes so many ticks later, and is shown."""
    pose, _ = walk.anchor(TAG, None)
    clock.pass_by((ticks + 0.5) * FRAME_S)
    walk.came(pose)
    walk.speak(pose)


def test_an_idle_body_goes_one_pose_a_tick(walk: Walk) -> None:
    assert [walk.idle() for _ in range(4)] == [1, 2, 3, 4]


def test_the_walk_stops_before_a_sentence_and_goes_on_after_it(walk: Walk) -> None:
    pose, follows = walk.anchor(TAG, None)
    assert (pose, follows) == (1, False)
    assert [walk.idle() for _ in range(3)] == [0, 0, 0]
    walk.speak(pose)
    assert walk.idle() == pose + 1


def test_a_sentence_is_anchored_where_the_walk_will_be_when_it_comes(walk: Walk, clock: Clock) -> None:
    wait(walk, clock, 2)
    pose, _ = walk.anchor(TAG, None)
    assert pose == walk.pose + 3
    assert [walk.idle() for _ in range(4)] == [pose - 2, pose - 1, pose - 1, pose - 1]


def test_no_sentence_is_anchored_far_ahead(walk: Walk, clock: Clock) -> None:
    wait(walk, clock, 50)
    assert walk.latency_ticks == 50
    assert walk.anchor(TAG, None)[0] == walk.pose + 1 + MOST_AHEAD


def test_a_sentence_follows_speech_that_waits_to_be_shown_and_is_not_timed(walk: Walk, clock: Clock) -> None:
    assert walk.anchor(TAG, None) == (1, False)
    assert walk.anchor(TAG, 9) == (9, True)
    clock.pass_by(1.0)
    walk.came(9)
    assert walk.latency_ticks == 0


def test_a_sentence_after_speech_that_was_shown_starts_from_the_walk(walk: Walk) -> None:
    walk.speak(8)
    assert walk.anchor(TAG, 9) == (9, False)
    walk.speak(9)
    for _ in range(5):
        walk.idle()
    assert walk.anchor(TAG, 10) == (walk.pose + 1, False)


def test_only_a_sentences_first_picture_is_timed(walk: Walk, clock: Clock) -> None:
    pose, _ = walk.anchor(TAG, None)
    clock.pass_by(2.2 * FRAME_S)
    for place in range(3):
        walk.came(pose + place)
        clock.pass_by(1.0)
    assert walk.latency_ticks == 2


def test_a_sentence_that_will_not_come_is_not_waited_for(walk: Walk) -> None:
    stale, wanted = Tag(0, 1), Tag(0, 2)
    walk.anchor(stale, None)
    pose, _ = walk.anchor(wanted, 6)
    walk.release(lambda tag: tag == stale)
    assert [walk.idle() for _ in range(7)] == [1, 2, 3, 4, 5, 5, 5]
    assert pose == 6
