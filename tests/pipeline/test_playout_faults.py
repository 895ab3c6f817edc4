from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.pipeline.face import CLOSING_FRAMES
from livetalk.types import FRAME_S, MediaFrame, Tag
from tests.pipeline.show import (
    Show,
    body,
    is_played,
    silent,
    start_slowly,
    steps,
)

FEW = 3
"""frames that may always be ready, however short the lead is when speech begins"""


def test_speech_that_comes_earlier_than_the_last_does_not_make_the_body_jump(show: Show, tag: Tag) -> None:
    start_slowly(show, 4 * FRAME_S)
    poses = show.poses(1)
    pose, _ = show.playout.anchor(tag, None)
    frame = show.put(pose, tag, last=True)
    assert frame.job.pose == pose
    poses += show.poses(10)
    assert set(steps(poses)) == {1}


def test_one_very_slow_start_does_not_put_off_or_shift_the_next_turns_by_seconds(
    show: Show, tag: Tag
) -> None:
    start_slowly(show, 3.0)
    before = show.poses(1)[0]
    pose, _ = show.playout.anchor(tag, None)
    assert pose - before <= 12


def test_a_second_sentence_does_not_let_the_walk_run_past_the_first_that_is_late(
    show: Show, tag: Tag
) -> None:
    poses = show.poses(3)
    pose, _ = show.playout.anchor(tag, None)
    after, _ = show.playout.anchor(tag, pose + 3)
    poses += show.poses(8)
    for place in range(3):
        show.put(pose + place, tag, last=place == 2)
    poses += show.poses(6)
    show.put(after, tag, last=True)
    poses += show.poses(3)
    assert set(steps(poses)) <= {0, 1}


def test_the_failure_of_another_utterance_does_not_release_the_anchor(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    show.playout.abandon(show.epoch.next_tag())
    poses = show.poses(8)
    show.put(pose, tag, last=True)
    assert min(steps(poses + show.poses(3))) >= 0


def test_the_failure_of_an_interrupted_utterance_does_not_release_the_new_anchor(
    show: Show, tag: Tag
) -> None:
    show.interrupt()
    pose, _ = show.playout.anchor(show.epoch.next_tag(), None)
    show.playout.abandon(tag)
    assert show.poses(8)[-1] == pose - 1


def test_an_anchor_set_before_playout_is_told_of_the_interrupt_survives(show: Show, tag: Tag) -> None:
    show.speak(3, tag)
    show.poses(1)
    show.epoch.advance()
    pose, _ = show.playout.anchor(show.epoch.next_tag(), None)
    show.playout.interrupted()
    assert show.poses(8)[-1] == pose - 1


def test_a_failed_utterance_is_not_waited_for_after_what_was_ready_of_it_played(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frames = [show.put(pose + place, tag) for place in range(3)]
    assert is_played(show.play(), frames[0])
    show.playout.abandon(tag)
    show.poses(2)
    poses = show.poses(CLOSING_FRAMES + 10)
    assert set(steps(poses)) == {1}
    assert show.rests()


def test_a_picture_of_a_failed_utterance_that_was_on_its_way_is_not_waited_on(show: Show, tag: Tag) -> None:
    pose, _ = show.playout.anchor(tag, None)
    frame = show.frame(pose, tag)
    show.playout.abandon(tag)
    show.playout.put(frame)
    show.poses(1)
    assert set(steps(show.poses(12))) == {1}
    assert silent(show.play())
    assert show.rests()


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 6)),
        st.tuples(st.sampled_from(["make", "make", "tick", "tick", "interrupt", "fail"]), st.just(0)),
    ),
    max_size=120,
)


@given(events=EVENTS)
@settings(deadline=None, max_examples=400)
def test_whatever_happens_the_body_never_jumps_and_all_that_was_said_is_played(
    events: list[tuple[str, int]],
) -> None:
    """Several sentences in flight at a time, one utterance each; a failed one takes all of itself along."""
    show = Show()
    coming: list[MediaFrame] = []
    ready: list[MediaFrame] = []
    following: int | None = None
    pose = body(show.play())

    def tick() -> None:
        nonlocal pose
        played = show.play()
        if ready and is_played(played, ready[0]):
            ready.pop(0)
        else:
            assert silent(played)
        (step,) = steps([pose, body(played)])
        assert step in (0, 1)
        pose = body(played)

    for event, count in events:
        if event == "say" and len(coming) < 16:
            tag = show.epoch.next_tag()
            first, _ = show.playout.anchor(tag, following)
            coming += [show.frame(first + place, tag, last=place == count - 1) for place in range(count)]
            following = first + count
        elif event == "make" and coming and len(ready) < FEW:
            ready.append(coming.pop(0))
            show.playout.put(ready[-1])
        elif event == "tick":
            tick()
        elif event == "interrupt":
            show.interrupt()
            coming, ready, following = [], [], None
        elif event == "fail" and coming:
            failed = coming[-1].tag
            show.playout.abandon(failed)
            coming = [frame for frame in coming if frame.tag != failed]
            ready = [frame for frame in ready if frame.tag != failed]
    for _ in range(200):
        if coming and len(ready) < FEW:
            ready.append(coming.pop(0))
            show.playout.put(ready[-1])
        tick()
    assert not ready
    assert show.rests()
