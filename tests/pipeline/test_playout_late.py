"""Playout: how speech begins, comes late, and ends."""

from __future__ import annotations

import pytest

from livetalk.pipeline.face import CLOSING_FRAMES, HOLD_FRAMES
from livetalk.types import (
    FRAME_S,
    Tag,
)
from tests.fakes import counted
from tests.pipeline.show import MOUTH, Show, body, is_played, mouth, silent, steps


def test_an_underrun_holds_the_picture_plays_silence_and_is_counted(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frame = show.put(pose, tag)
    show.poses(2)
    for missed in range(1, HOLD_FRAMES + 1):
        played = show.play()
        assert played.picture is frame.picture
        assert silent(played)
        assert counted(show.metrics, "underruns_total") == missed
    assert counted(show.metrics, 'frames_played_total{kind="held"}') == HOLD_FRAMES
    assert counted(show.metrics, 'frames_played_total{kind="speech"}') == 1


def test_a_long_underrun_closes_the_mouth_and_keeps_the_body_still(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.put(pose, tag)
    show.poses(2 + HOLD_FRAMES)
    played = [show.play() for _ in range(10)]
    levels = [mouth(each) for each in played]
    assert MOUTH // 64 > levels[0] > levels[1] > levels[2] > 0
    assert levels[CLOSING_FRAMES:] == [-1] * (10 - CLOSING_FRAMES)
    assert {body(each) for each in played} == {pose}
    assert all(silent(each) for each in played)
    assert counted(show.metrics, "underruns_total") == 10 + HOLD_FRAMES


@pytest.mark.parametrize("missed", [1, HOLD_FRAMES, HOLD_FRAMES + 2, 40])
def test_late_speech_goes_on_where_it_stopped_with_nothing_lost(show: Show, tag: Tag, missed: int) -> None:
    pose, _ = show.playout.anchor(tag, None)
    first = show.put(pose, tag)
    assert silent(show.play())
    assert is_played(show.play(), first)
    held = show.poses(missed)
    rest = [show.put(pose + 1, tag), show.put(pose + 2, tag, last=True)]
    assert all(is_played(show.play(), frame) for frame in rest)
    assert set(held) == {pose}


def test_every_underrun_holds_its_picture_anew(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    for place in range(3):
        frame = show.put(pose + place, tag)
        show.play()
        held = [show.play() for _ in range(HOLD_FRAMES)]
        assert all(played.picture is frame.picture for played in held)


def test_an_underrun_ends_with_an_interrupt(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.put(pose, tag)
    show.poses(4)
    show.interrupt()
    assert set(steps([pose, *show.poses(6)])) == {1}
    assert counted(show.metrics, "underruns_total") == 2
    assert show.rests()


def test_an_underrun_ends_when_the_utterance_is_given_up(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.put(pose, tag)
    show.poses(3)
    show.playout.abandon(tag)
    assert set(steps([pose, *show.poses(6)])) == {1}
    assert show.rests()


def test_giving_up_one_utterance_does_not_end_the_wait_for_another(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frame = show.put(pose, tag)
    show.play()
    show.playout.abandon(show.epoch.next_tag())
    assert show.play().picture is frame.picture


# -- the mouth closes --------------------------------------------------------------------------------


def closing() -> list[int]:
    shares = [1 - place / (CLOSING_FRAMES + 1) for place in range(1, CLOSING_FRAMES + 1)]
    return [int(MOUTH * share) // 64 for share in shares]


def test_at_the_end_of_speech_the_mouth_closes_softly_while_the_body_walks(show: Show, tag: Tag) -> None:
    after = show.speak(2, tag)
    show.poses(2)
    played = [show.play() for _ in range(CLOSING_FRAMES + 2)]
    assert [mouth(each) for each in played] == [*closing(), -1, -1]
    assert [body(each) for each in played] == list(range(after, after + CLOSING_FRAMES + 2))
    assert all(silent(each) for each in played)


def test_at_an_interrupt_the_mouth_closes_softly_in_silence(show: Show, tag: Tag) -> None:
    show.speak(4, tag)
    show.poses(2)
    show.interrupt()
    played = [show.play() for _ in range(CLOSING_FRAMES + 2)]
    assert [mouth(each) for each in played] == [*closing(), -1, -1]
    assert all(silent(each) for each in played)


def test_speech_that_begins_while_the_mouth_closes_is_not_held_up(show: Show, tag: Tag) -> None:
    after = show.speak(2, tag)
    show.poses(3)
    pose, at_rest = show.playout.anchor(tag, after)
    frame = show.put(pose, tag, last=True)
    assert not at_rest
    assert is_played(show.play(), frame)
    assert show.mouths(CLOSING_FRAMES + 1) == [*closing(), -1]


# -- how speech begins -------------------------------------------------------------------------------


def test_a_lone_first_picture_waits_one_tick_for_a_second(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    first = show.put(pose, tag)
    assert silent(show.play())
    second = show.put(pose + 1, tag, last=True)
    assert is_played(show.play(), first)
    assert is_played(show.play(), second)
    assert counted(show.metrics, "underruns_total") == 0


def test_two_first_pictures_or_one_that_is_all_play_at_once(show: Show, tag: Tag) -> None:
    after = show.speak(2, tag)
    assert not silent(show.play())
    assert not silent(show.play())
    show.speak(1, tag, after)
    assert not silent(show.play())


def test_where_the_first_picture_took_long_speech_waits_for_one_more_in_hand(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.clock.pass_by(1.5 * FRAME_S)
    first = show.put(pose, tag)
    show.put(pose + 1, tag)
    assert silent(show.play())
    show.put(pose + 2, tag)
    assert is_played(show.play(), first)


def test_it_waits_no_longer_for_more_than_they_would_have_taken_to_play(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.clock.pass_by(1.5 * FRAME_S)
    first = show.put(pose, tag)
    assert silent(show.play())
    assert silent(show.play())
    assert is_played(show.play(), first)
