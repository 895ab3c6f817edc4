from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from livetalk.avatar.manifest import Plan
from livetalk.avatar.recipe import Recipe
from livetalk.faults import fault, first_fault


class Planned(BaseModel):
    plan: Plan


def fault_of(model: type[BaseModel], said: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(said)
    return first_fault(caught.value, model)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"musetalk": {"margin": 3}}, "musetalk.margin: means nothing here; there are: version, bbox_shift"),
        ({"second": 3}, "second: means nothing here; there are: start_s, seconds, size"),
        ({"background": "blue"}, "background: is a colour, written as #00ff00"),
        ({"seconds": 500}, "seconds: Input should be less than or equal to 120"),
        ({"steady": 3}, "steady: should be an object"),
        ([1], "should be an object"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_told_with_what_there_is(said: Any, told: str) -> None:
    assert fault_of(Recipe, said).startswith(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"idle": "wave"}, "plan.idle: should be an object"),
        ({"idle": {"actions": "wave"}}, "plan.idle.actions: should be a list, as [one, two]"),
        ({"idle": {"actions": []}}, "plan.idle.actions: needs at least 1"),
        ({"idle": {"actions": ["wave"] * 21}}, "plan.idle.actions: takes at most 20"),
        ({"idle": {"actions": ["wave"], "every_s": 8}}, "plan.idle.every_s: should be a list"),
        ({"idle": {"action": ["wave"]}}, "plan.idle.actions: is missing"),
        ({"asleep": {"actions": ["wave"]}}, "plan.asleep: Input should be 'idle', 'listening'"),
        ({"idle": {"actions": ["wave"], "every_s": [9, 2]}}, "plan.idle: every_s is the shortest pause"),
    ],
)
def test_what_is_wrong_in_a_plan_is_told_in_plain_words(said: Any, told: str) -> None:
    assert fault_of(Planned, {"plan": said}).startswith(told)


def test_a_name_that_means_nothing_is_told_where_nobody_knows_the_others() -> None:
    assert fault({"type": "extra_forbidden", "loc": ("wings",), "msg": ""}) == "means nothing here"
