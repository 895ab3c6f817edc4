"""Playout: speech that is held while somebody else speaks, and goes on where it stopped."""

from __future__ import annotations

from livetalk.types import Tag
from tests.fakes import counted
from tests.pipeline.show import Show, body, is_played, mouth, silent, steps


def test_held_speech_is_silent_from_the_next_tick_and_goes_on_where_it_stopped(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frames = [show.put(pose + place, tag, last=place == 4) for place in range(5)]
    assert is_played(show.play(), frames[0])
    assert is_played(show.play(), frames[1])
    assert show.playout.hold("ear")
    assert all(silent(show.play()) for _ in range(20))
    show.playout.release("ear")
    assert all(is_played(show.play(), frame) for frame in frames[2:])
    assert counted(show.metrics, "underruns_total") == 0


def test_while_speech_is_held_the_mouth_closes_and_the_body_waits_for_it(show: Show, tag: Tag) -> None:
    show.speak(5, tag)
    last = show.play()
    show.playout.hold("ear")
    held = [show.play() for _ in range(10)]
    assert {body(each) for each in held} == {body(last)}
    assert mouth(held[-1]) == -1
    show.playout.release("ear")
    assert steps([body(last), body(show.play())]) == [1]


def test_while_nothing_is_said_a_held_body_lives_on(show: Show) -> None:
    assert not show.playout.hold("ear")
    assert steps(show.poses(10)) == [1] * 9


def test_speech_that_comes_while_it_is_held_waits(show: Show, tag: Tag) -> None:
    show.playout.hold("ear")
    show.speak(3, tag)
    assert all(silent(show.play()) for _ in range(10))
    show.playout.release("ear")
    assert not silent(show.play())


def test_speech_goes_on_only_when_nobody_holds_it_any_more(show: Show, tag: Tag) -> None:
    show.speak(5, tag)
    show.play()
    show.playout.hold("one")
    show.playout.hold("two")
    show.playout.release("one")
    assert silent(show.play())
    show.playout.release("two")
    show.playout.release("nobody")
    assert not silent(show.play())


def test_what_is_interrupted_while_it_is_held_never_plays(show: Show, tag: Tag) -> None:
    show.speak(5, tag)
    show.play()
    show.playout.hold("ear")
    show.play()
    show.interrupt()
    show.playout.release("ear")
    assert all(silent(show.play()) for _ in range(10))
    assert show.rests()
