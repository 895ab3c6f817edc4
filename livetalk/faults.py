"""What is wrong with what somebody wrote, in words that need no knowledge of pydantic's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from livetalk.types import COLOUR

KINDS = {
    "dict_type": "should be an object, as {name: value}",
    "list_type": "should be a list, as [one, two]",
    "missing": "is missing",
    "model_type": "should be an object, as {name: value}",
    "tuple_type": "should be a list, as [one, two]",
}


def first_fault(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong first, and where."""
    problem = error.errors()[0]
    where = place(problem["loc"])
    what = fault(problem, model)
    return f"{where}: {what}" if where else what


def fault(problem: Mapping[str, Any], model: type[BaseModel] | None = None) -> str:
    """One of an error's problems; of a name that means nothing in a `model`, which there are."""
    kind, limits = problem["type"], problem.get("ctx", {})
    text: str = problem["msg"]
    if kind == "extra_forbidden":
        there = ", ".join(_names(problem["loc"][:-1], model)) if model else ""
        return f"means nothing here; there are: {there}" if there else "means nothing here"
    if kind == "string_pattern_mismatch" and COLOUR in limits.get("pattern", ""):
        return "is a colour, written as #00ff00"
    if kind == "too_short":
        return f"needs at least {limits['min_length']}"
    if kind == "too_long":
        return f"takes at most {limits['max_length']}"
    return KINDS.get(kind, text.removeprefix("Value error, "))


def place(loc: Sequence[int | str]) -> str:
    """Where a problem is; of a name that is wrong itself, the name."""
    return ".".join(str(part) for part in loc if part != "[key]")


def _names(loc: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """Of the fields at a place; none where it cannot be followed."""
    for part in loc:
        field = model.model_fields.get(str(part))
        inner = field and field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return [*model.model_fields]


__all__ = ["fault", "first_fault", "place"]
