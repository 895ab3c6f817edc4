"""Playout: the body's walk into, through and out of speech."""

from __future__ import annotations

from livetalk.pipeline.face import CLOSING_FRAMES
from livetalk.types import (
    FRAME_S,
    Tag,
)
from tests.fakes import counted
from tests.pipeline.show import Show, body, silent, start_slowly, steps


def test_the_body_walks_on_into_speech_that_comes_at_once(show: Show, tag: Tag) -> None:
    poses = show.poses(5)
    show.speak(4, tag)
    assert set(steps(poses + show.poses(8))) == {1}


def test_the_body_stops_before_the_anchor_and_waits_for_speech_that_is_late(show: Show, tag: Tag) -> None:
    poses = show.poses(5)
    pose, _ = show.playout.anchor(tag, None)
    poses += show.poses(10)
    assert poses[-1] == pose - 1
    show.put(pose, tag, last=True)
    poses += show.poses(4)
    assert set(steps(poses)) == {0, 1}
    assert steps(poses)[14:] == [1, 1, 1, 1]


def test_waiting_for_the_first_picture_of_a_turn_is_no_underrun(show: Show, tag: Tag) -> None:
    show.playout.anchor(tag, None)
    assert all(silent(show.play()) for _ in range(10))
    assert counted(show.metrics, "underruns_total") == 0


def test_the_anchor_is_where_the_walk_will_be_by_the_last_turns_latency(show: Show) -> None:
    start_slowly(show, 3 * FRAME_S)
    before = body(show.play())
    assert show.playout.anchor(show.epoch.next_tag(), None) == (before + 4, True)


def test_speech_as_late_as_the_last_neither_stops_nor_jumps_the_body(show: Show, tag: Tag) -> None:
    start_slowly(show, 3 * FRAME_S)
    poses = show.poses(1)
    pose, _ = show.playout.anchor(tag, None)
    poses += show.poses(3)
    show.put(pose, tag, last=True)
    assert set(steps(poses + show.poses(3))) == {1}


def test_sentences_back_to_back_go_on_pose_by_pose(show: Show, tag: Tag) -> None:
    poses = show.poses(3)
    after = show.speak(2, tag)
    after = show.speak(2, tag, after)
    show.speak(1, show.epoch.next_tag(), after)
    poses += show.poses(12)
    assert set(steps(poses)) == {1}


def test_sentences_of_one_picture_each_go_on_pose_by_pose(show: Show, tag: Tag) -> None:
    poses = show.poses(3)
    after = show.speak(1, tag)
    for _ in range(4):
        after = show.speak(1, tag, after)
    assert set(steps(poses + show.poses(8))) == {1}


def test_a_sentence_asked_for_while_the_last_one_plays_waits_where_that_one_ends(
    show: Show, tag: Tag
) -> None:
    after = show.speak(3, tag)
    poses = show.poses(1)
    pose, _ = show.playout.anchor(tag, after)
    poses += show.poses(8)
    assert poses[-1] == pose - 1
    show.put(pose, tag, last=True)
    assert set(steps(poses + show.poses(3))) == {0, 1}


def test_between_sentences_with_a_gap_the_body_walks_and_then_goes_on_into_the_next(
    show: Show, tag: Tag
) -> None:
    after = show.speak(3, tag)
    poses = show.poses(10)
    show.speak(3, tag, after)
    assert set(steps(poses + show.poses(8))) == {1}


def test_a_sentence_right_after_the_last_picture_of_another_goes_on_from_there(show: Show, tag: Tag) -> None:
    after = show.speak(3, tag)
    poses = show.poses(3)
    show.speak(2, tag, after)
    assert set(steps(poses + show.poses(6))) == {1}


def test_an_interrupt_in_speech_lets_the_body_walk_on_from_what_was_seen_last(show: Show, tag: Tag) -> None:
    show.speak(5, tag)
    poses = show.poses(3)
    show.interrupt()
    poses += show.poses(6)
    show.speak(3, show.epoch.next_tag())
    assert set(steps(poses + show.poses(5))) == {1}


def test_an_interrupt_releases_the_anchor(show: Show, tag: Tag) -> None:
    show.playout.anchor(tag, None)
    waiting = show.poses(4)
    show.interrupt()
    assert steps(waiting)[-1] == 0
    assert set(steps(waiting[-1:] + show.poses(5))) == {1}


def test_a_failed_utterance_releases_the_anchor(show: Show, tag: Tag) -> None:
    show.playout.anchor(tag, None)
    waiting = show.poses(4)
    show.playout.abandon(tag)
    assert steps(waiting)[-1] == 0
    assert set(steps(waiting[-1:] + show.poses(5))) == {1}


def test_a_stale_sentence_gets_no_anchor_and_holds_nobody_up(show: Show, tag: Tag) -> None:
    show.interrupt()
    show.playout.anchor(tag, None)
    assert set(steps(show.poses(6))) == {1}


def test_the_face_is_at_rest_before_a_turn_but_not_before_the_next_sentence(show: Show, tag: Tag) -> None:
    pose, at_rest = show.playout.anchor(tag, None)
    assert at_rest
    show.put(pose, tag)
    show.put(pose + 1, tag, last=True)
    assert show.playout.anchor(tag, pose + 2) == (pose + 2, False)
    show.poses(2)
    assert show.playout.anchor(tag, pose + 2)[1] is False
    show.poses(CLOSING_FRAMES)
    assert show.playout.anchor(tag, pose + 2)[1] is True
