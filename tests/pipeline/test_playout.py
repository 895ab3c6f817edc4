"""Playout: what plays at a tick, what is taken and dropped, and what is told."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.pipeline.channel import Closed
from livetalk.pipeline.cushion import LEAST_S
from livetalk.pipeline.lead import START_FRAMES
from livetalk.pipeline.playout import SPARE_S, Playout
from livetalk.types import (
    FRAME_S,
    FRAME_SAMPLES,
    LipJob,
    MediaFrame,
    SpeechEnd,
    SpeechStart,
    Tag,
    Word,
)
from tests.fakes import SIZE, WAIT_S, background, blocks, chunk, counted
from tests.pipeline.show import FRAMES, MOUTH, Show, body, is_played, mouth, silent, steps


def test_every_commit_is_one_picture_and_its_40_ms_of_sound(show: Show) -> None:
    for tick in range(3):
        played = show.play()
        assert played.tick == tick
        assert played.picture.shape == (SIZE * 3 // 2, SIZE)
        assert played.pcm.shape == (FRAME_SAMPLES,)
        assert played.pcm.dtype == np.int16


def test_idle_is_silent_and_walks_one_pose_a_tick(show: Show) -> None:
    played = [show.play() for _ in range(2 * FRAMES)]
    assert all(silent(each) and mouth(each) == -1 for each in played)
    assert set(steps([body(each) for each in played])) == {1}
    assert counted(show.metrics, 'frames_played_total{kind="idle"}') == 2 * FRAMES


def test_what_is_shared_cannot_be_written_to(show: Show) -> None:
    assert not show.play().pcm.flags.writeable


def test_speech_plays_every_picture_once_with_exactly_its_own_sound(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frames = [show.put(pose + place, tag, last=place == 4) for place in range(5)]
    assert all(is_played(show.play(), frame) for frame in frames)
    assert silent(show.play())
    assert counted(show.metrics, 'frames_played_total{kind="speech"}') == 5
    assert counted(show.metrics, "underruns_total") == 0


def test_the_lead_is_what_is_ready_and_not_played(show: Show, tag: Tag) -> None:
    assert show.playout.lead_s() == 0
    show.speak(3, tag)
    assert show.playout.lead_s() == pytest.approx(3 * FRAME_S)
    show.poses(2)
    assert show.playout.lead_s() == pytest.approx(FRAME_S)
    show.play()
    assert show.playout.lead_s() == 0


def test_a_live_voice_begins_with_one_picture_once_that_waited_a_little(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.playout.put(show.frame(pose, tag, SpeechStart("", live=True)))
    show.clock.pass_by(LEAST_S / 2)
    assert silent(show.play())
    assert not silent(show.play())
    show.put(pose + 1, tag, last=True)
    assert not silent(show.play())
    assert counted(show.metrics, "underruns_total") == 0


def test_what_is_ready_beyond_a_live_voices_cushion_is_excess(show: Show, tag: Tag) -> None:
    show.speak(4, tag)
    assert show.playout.excess_s() == pytest.approx(4 * FRAME_S - LEAST_S - SPARE_S)


# -- put ---------------------------------------------------------------------------------------------


def fill(show: Show, tag: Tag) -> MediaFrame:
    """Make ready all that may be; the frame that would be next comes back."""
    pose, _ = show.playout.anchor(tag, None)
    for place in range(START_FRAMES):
        show.put(pose + place, tag)
    return show.frame(pose + START_FRAMES, tag, last=True)


def test_put_waits_when_enough_is_ready_and_goes_on_after_a_tick(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    putting = background(lambda: show.playout.put(frame))
    assert blocks(putting)
    show.play()
    putting.result(WAIT_S)
    show.poses(START_FRAMES - 1)
    assert is_played(show.play(), frame)


def test_a_waiting_put_is_let_go_by_an_interrupt_and_its_picture_is_gone(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    putting = background(lambda: show.playout.put(frame))
    assert blocks(putting)
    show.interrupt()
    putting.result(WAIT_S)
    assert all(silent(show.play()) for _ in range(START_FRAMES + 2))


def test_a_waiting_put_is_let_go_by_a_tick_after_the_epoch_advanced(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    putting = background(lambda: show.playout.put(frame))
    assert blocks(putting)
    show.epoch.advance()
    assert silent(show.play())
    putting.result(WAIT_S)


def test_a_waiting_put_is_let_go_by_the_end(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    putting = background(lambda: show.playout.put(frame))
    assert blocks(putting)
    show.playout.close()
    assert isinstance(putting.exception(WAIT_S), Closed)


def test_after_the_end_nothing_is_taken_and_ticks_are_silent(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    show.playout.close()
    with pytest.raises(Closed):
        show.playout.put(frame)
    assert silent(show.play())


def test_a_commit_never_waits_for_one_who_puts(show: Show, tag: Tag) -> None:
    frame = fill(show, tag)
    putting = background(lambda: show.playout.put(frame))
    assert blocks(putting)
    assert not silent(background(show.play).result(WAIT_S))
    putting.result(WAIT_S)


# -- what is stale never plays -----------------------------------------------------------------------


def test_stale_pictures_do_not_play_even_when_a_tick_comes_before_playout_is_told(
    show: Show, tag: Tag
) -> None:
    show.speak(4, tag)
    show.poses(2)
    show.epoch.advance()
    assert silent(show.play())
    show.playout.interrupted()
    assert all(silent(show.play()) for _ in range(6))
    assert show.rests()


def test_a_stale_picture_is_dropped_at_the_door(show: Show, tag: Tag) -> None:
    show.epoch.advance()
    show.put(5, tag)
    show.playout.interrupted()
    show.put(6, tag)
    assert silent(show.play())
    assert silent(show.play())


def test_new_speech_that_came_before_playout_was_told_survives(show: Show, tag: Tag) -> None:
    show.speak(3, tag)
    show.play()
    show.epoch.advance()
    new = show.put(2, show.epoch.next_tag(), last=True)
    show.playout.interrupted()
    assert is_played(show.play(), new)


# -- what is told, and when --------------------------------------------------------------------------


def test_marks_are_told_in_order_at_the_moment_their_chunk_plays(show: Show, tag: Tag) -> None:
    start = show.playout.start_time()
    show.poses(3)
    pose, _ = show.playout.anchor(tag, None)
    words = Word("one", 0), Word("two", 4)
    chunks = (chunk(1, tag, SpeechStart("one two"), words[0]), chunk(2, tag, words[1]))
    picture, lips = show.avatar.bundle.picture(pose), np.array([MOUTH], np.float32)
    show.playout.put(MediaFrame(picture, chunks, lips, LipJob(lips, pose, show.avatar), tag, False))
    end = (chunk(3, tag), chunk(4, tag, SpeechEnd("one two"), last=True))
    show.playout.put(MediaFrame(picture, end, lips, LipJob(lips, pose + 1, show.avatar), tag, True))
    assert show.told == []
    show.poses(2)
    assert [(each.mark, each.tag) for each in show.told] == [
        (SpeechStart("one two"), tag),
        (words[0], tag),
        (words[1], tag),
        (SpeechEnd("one two"), tag),
    ]
    at_ms = [round((each.at_s - start) * 1000) for each in show.told]
    assert at_ms == [120, 120, 140, 180]


def test_marks_of_what_was_interrupted_are_never_told(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.put(pose, tag)
    show.playout.put(show.frame(pose + 1, tag, Word("never", 0), last=True))
    show.play()
    show.interrupt()
    show.poses(3)
    assert show.told == []


def test_a_listener_may_ask_playout_while_it_is_told(show: Show, tag: Tag) -> None:
    asked: list[bool] = []
    playout = Playout(
        show.engine,
        show.avatar,
        show.epoch,
        show.metrics,
        lambda played: asked.append(playout.start_time() > 0),
        show.clock,
    )
    playout.put(show.frame(1, tag, SpeechStart("hello"), last=True))
    background(lambda: playout.commit(0)).result(WAIT_S)
    assert asked == [True]


def test_the_start_of_the_timeline_is_given_once(show: Show) -> None:
    start = show.playout.start_time()
    assert start == pytest.approx(show.clock.now_s + FRAME_S)
    show.clock.pass_by(5.0)
    show.poses(3)
    assert show.playout.start_time() == start


def test_how_soon_an_interrupt_silenced_speech_is_measured_once(show: Show, tag: Tag) -> None:
    start = show.playout.start_time()
    show.speak(4, tag)
    show.play()
    asked_at = show.clock.now_s
    show.interrupt()
    show.poses(3)
    assert counted(show.metrics, "interrupt_to_silence_seconds_count") == 1
    silenced = start + FRAME_S - asked_at
    assert counted(show.metrics, "interrupt_to_silence_seconds_sum") == pytest.approx(silenced)


def test_an_interrupt_of_nothing_is_no_measure_of_silence(show: Show) -> None:
    show.playout.start_time()
    show.poses(2)
    show.interrupt()
    show.poses(2)
    assert counted(show.metrics, "interrupt_to_silence_seconds_count") == 0
