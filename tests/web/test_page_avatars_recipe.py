"""The room offers what a maker may choose as the server knows it, and has words for all that it tells."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from livetalk.avatar.recipe import MuseTalkChoices, Recipe, Steadiness
from livetalk.creation.watch import STEPS, DoubtKind
from tests.web.conftest import Visit
from tests.web.room import enter

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FIELDS = "async () => (await import('/js/room/recipe_form.js')).FIELDS"
TEXTS = "async () => (await import('/js/lang/en.js')).en"
ELSEWHERE = {"start_s", "seconds", "name", "engines", "steady", "musetalk"}
"""asked for by other means than a field, or of several fields"""
PARTS: dict[str, type[BaseModel]] = {"": Recipe, "steady": Steadiness, "musetalk": MuseTalkChoices}


async def fields(visit: Visit) -> dict[tuple[str, str], dict[str, Any]]:
    """The room's fields, by part and name."""
    await enter(visit)
    return {(each.get("part", ""), each["name"]): each for each in await visit.page.evaluate(FIELDS)}


async def test_every_choice_is_offered_and_is_what_it_usually_is(visit: Visit) -> None:
    usual = {
        (part, name): field.default
        for part, model in PARTS.items()
        for name, field in model.model_fields.items()
        if name not in ELSEWHERE
    }
    assert {key: field["usual"] for key, field in (await fields(visit)).items()} == usual


async def test_every_bound_and_option_of_a_field_is_taken_by_the_server(visit: Visit) -> None:
    for (part, name), field in (await fields(visit)).items():
        for value in (*field.get("range", [])[:2], *field.get("options", [])):
            PARTS[part].model_validate({name: value})


async def test_every_field_option_step_and_doubt_has_words(visit: Visit) -> None:
    wanted = {f"making.step.{step}" for step in STEPS} | {
        f"doubt.{part}{kind}" for kind in get_args(DoubtKind) for part in ("", "help.")
    }
    for (_, name), field in (await fields(visit)).items():
        wanted |= {f"recipe.{name}", f"recipe.{name}.about"}
        wanted |= {f"recipe.{name}.{option}" for option in field.get("options", []) if name != "size"}
    texts = await visit.page.evaluate(TEXTS)
    assert wanted - texts.keys() == set()
