from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.metrics import Metrics
from livetalk.pipeline.channel import Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.lead import START_FRAMES
from livetalk.pipeline.playout import CLOSING_FRAMES, HOLD_FRAMES, Played, Playout
from livetalk.protocols import PlayedFrame
from livetalk.types import (
    FRAME_S,
    FRAME_SAMPLES,
    LipJob,
    Mark,
    MediaFrame,
    SpeechEnd,
    SpeechStart,
    Tag,
    Word,
)
from tests.fakes import SIZE, WAIT_S, Clock, FakeAvatar, FakeEngine, background, blocks, chunk, counted

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
        return MediaFrame(self.engine.paste(mouth, pose, self.avatar), chunks, mouth, job, tag, last)

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


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def tag(show: Show) -> Tag:
    return show.epoch.next_tag()


# -- idle -----------------------------------------------------------------------------------------


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


# -- speech ---------------------------------------------------------------------------------------


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


# -- the body's walk into, through and out of speech ----------------------------------------------


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


def start_slowly(show: Show, latency_s: float) -> None:
    """A turn whose first picture takes this long; the next anchors reckon with it."""
    tag = show.epoch.next_tag()
    pose, _ = show.playout.anchor(tag, None)
    for _ in range(round(latency_s / FRAME_S)):
        show.play()
    show.put(pose, tag, last=True)
    show.poses(1 + CLOSING_FRAMES)


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


# -- speech that is late in the middle ------------------------------------------------------------


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


# -- the mouth closes -----------------------------------------------------------------------------


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


# -- how speech begins ----------------------------------------------------------------------------


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


# -- put ------------------------------------------------------------------------------------------


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


# -- what is stale never plays --------------------------------------------------------------------


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


# -- what is told, and when -----------------------------------------------------------------------


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


# -- any order of events --------------------------------------------------------------------------

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
