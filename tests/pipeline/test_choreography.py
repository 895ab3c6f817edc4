from __future__ import annotations

from livetalk.avatar.manifest import Action
from livetalk.pipeline.choreography import DISSOLVE_FRAMES, Choreography
from livetalk.types import Shown
from tests.fakes import bundle

LOOP = 100
WAVE = Action(video="a.mp4", first=100, frames=30)
NOD = Action(video="a.mp4", first=130, frames=20, lips=False)


def choreography() -> Choreography:
    return Choreography(bundle(LOOP, actions={"wave": WAVE, "nod": NOD}))


def frames(steps: Choreography, poses: range) -> list[int]:
    return [steps.shown(pose).frame for pose in poses]


def test_without_an_action_the_body_walks() -> None:
    steps = choreography()
    assert frames(steps, range(5)) == [0, 1, 2, 3, 4]
    assert steps.act(5) is None
    assert steps.acted(4) == ""


def test_an_action_plays_once_and_the_body_goes_on_where_it_stood() -> None:
    steps = choreography()
    frames(steps, range(10))
    assert steps.play("wave") == 40
    assert frames(steps, range(10, 45)) == [*range(100, 130), 10, 11, 12, 13, 14]


def test_both_ways_dissolve() -> None:
    steps = choreography()
    frames(steps, range(10))
    steps.play("wave")
    way_in = [steps.shown(pose) for pose in range(10, 40)]
    assert [shown.before for shown in way_in[:DISSOLVE_FRAMES]] == [9] * DISSOLVE_FRAMES
    shares = [shown.share for shown in way_in]
    assert shares[:DISSOLVE_FRAMES] == sorted(shares[:DISSOLVE_FRAMES])
    assert 0 < shares[0] < shares[DISSOLVE_FRAMES - 1] < 1
    assert all(shown == Shown(shown.frame) for shown in way_in[DISSOLVE_FRAMES:])
    way_out = steps.shown(40)
    assert (way_out.frame, way_out.before) == (10, 129)


def test_what_is_settled_stays() -> None:
    steps = choreography()
    settled = [steps.shown(pose) for pose in range(20)]
    steps.play("wave")
    assert [steps.shown(pose) for pose in range(20)] == settled
    assert steps.shown(20).frame == 100


def test_an_action_begins_no_sooner_than_it_is_to() -> None:
    steps = choreography()
    frames(steps, range(3))
    steps.play("wave", at=7)
    assert frames(steps, range(3, 9)) == [3, 4, 5, 6, 100, 101]


def test_one_that_loops_goes_on_until_it_is_ended() -> None:
    steps = choreography()
    frames(steps, range(5))
    steps.play("wave", loops=True)
    assert frames(steps, range(5, 75)) == [*range(100, 130), *range(100, 130), *range(100, 110)]
    assert steps.acted(74) == "wave"
    steps.end()
    assert frames(steps, range(75, 78)) == [5, 6, 7]
    assert steps.acted(77) == ""


def test_another_action_takes_over_and_the_body_still_stands_where_it_stood() -> None:
    steps = choreography()
    frames(steps, range(10))
    steps.play("wave")
    frames(steps, range(10, 20))
    steps.play("nod")
    assert steps.shown(20) == Shown(130, 109, 1 / (DISSOLVE_FRAMES + 1), lips=False)
    assert frames(steps, range(20, 43)) == [*range(130, 150), 10, 11, 12]


def test_lips_are_left_alone_where_the_action_has_its_own() -> None:
    steps = choreography()
    steps.play("nod")
    assert {steps.shown(pose).lips for pose in range(20)} == {False}
    assert steps.shown(20).lips


def test_many_actions_leave_nothing_behind() -> None:
    steps = choreography()
    pose = 0
    for _ in range(1000):
        steps.play("nod")
        frames(steps, range(pose, pose + 25))
        pose += 25
    assert len(steps._stretches) < 8
    assert steps.shown(pose).frame == 1000 * 5 % LOOP


def test_ending_what_is_not_there_changes_nothing() -> None:
    steps = choreography()
    frames(steps, range(4))
    steps.end()
    assert steps.act(4) is None
