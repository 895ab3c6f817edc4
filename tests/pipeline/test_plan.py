from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from livetalk.avatar.manifest import Action, Cue, Plan
from livetalk.pipeline.choreography import DISSOLVE_FRAMES, Choreography
from livetalk.pipeline.plan import Planner
from livetalk.types import FPS, SessionState
from tests.fakes import bundle

ACTIONS = {
    "look": Action(video="a.mp4", first=100, frames=20),
    "nod": Action(video="b.mp4", first=120, frames=20),
}


class Evening:
    """An avatar that goes by a plan, tick by tick."""

    def __init__(self, plan: Plan, seed: int = 1) -> None:
        self.steps = Choreography(bundle(100, actions=ACTIONS))
        self.planner = Planner(plan, self.steps, Random(seed))
        self.pose = 0
        self.acted: list[str] = []

    def pass_by(self, seconds: float, state: SessionState) -> list[str]:
        """What was shown meanwhile, one name for each tick."""
        begin = len(self.acted)
        for _ in range(round(seconds * FPS)):
            self.planner.tick(state, self.pose)
            self.pose += 1
            self.steps.shown(self.pose)
            self.acted.append(self.steps.acted(self.pose))
        return self.acted[begin:]


def starts(acted: list[str]) -> list[int]:
    return [place for place in range(1, len(acted)) if acted[place] and acted[place] != acted[place - 1]]


def test_without_a_plan_nothing_happens_by_itself() -> None:
    assert set(Evening({}).pass_by(60, "idle")) == {""}


def test_actions_come_at_irregular_pauses_within_their_range() -> None:
    evening = Evening({"idle": Cue(actions=("look", "nod"), every_s=(4, 8))})
    acted = evening.pass_by(300, "idle")
    begun = starts(acted)
    pauses = {after - before - 20 for before, after in pairwise(begun)}
    assert len(pauses) > 10
    assert min(pauses) >= 4 * FPS - 1
    assert max(pauses) <= 8 * FPS + 1
    assert {acted[place] for place in begun} == {"look", "nod"}


def test_an_action_without_pauses_goes_on_while_the_state_lasts() -> None:
    evening = Evening({"listening": Cue(actions=("nod",))})
    assert set(evening.pass_by(2, "idle")) == {""}
    assert set(evening.pass_by(4, "listening")[1:]) == {"nod"}
    assert set(evening.pass_by(2, "idle")[1:]) == {""}


def test_a_short_action_is_shown_to_its_end_though_the_state_changes() -> None:
    evening = Evening({"idle": Cue(actions=("look",), every_s=(1, 1))})
    evening.pass_by(1.4, "idle")
    assert evening.acted[-1] == "look"
    assert evening.pass_by(0.2, "speaking") == ["look"] * 5


def test_what_somebody_asked_for_is_not_disturbed() -> None:
    evening = Evening({"idle": Cue(actions=("look",), every_s=(1, 1)), "listening": Cue(actions=("look",))})
    evening.steps.play("nod", loops=True)
    assert set(evening.pass_by(5, "idle")[1:]) == {"nod"}
    assert set(evening.pass_by(5, "listening")) == {"nod"}
    evening.steps.end()
    assert set(evening.pass_by(3, "listening")[2 + DISSOLVE_FRAMES :]) == {"look"}


@pytest.mark.parametrize(
    "plan",
    [
        {"idle": {"actions": []}},
        {"idle": {"actions": ["fly"]}},
        {"dreaming": {"actions": ["look"]}},
        {"idle": {"actions": ["look"], "every_s": [9, 3]}},
        {"idle": {"actions": ["look"], "every_s": [0, 3]}},
        {"idle": {"actions": ["line"]}},
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(plan: dict[str, object]) -> None:
    spoken = Action(video="c.mp4", first=140, frames=20, sound="c.flac")
    manifest = bundle(100, actions={**ACTIONS, "line": spoken}).manifest
    with pytest.raises(ValueError, match="validation error"):
        type(manifest).model_validate({**manifest.model_dump(), "plan": plan})
