"""docs/events.md tells of the events that there are, field by field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from livetalk.events import KINDS

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "events.md").read_text("utf-8")
ROWS = {
    name: (re.findall(r"`(\w+)`", fields), told)
    for name, fields, told in re.findall(r"^\| `(\w+)` \|(.*?)\| (.*) \|$", DOCUMENT, re.M)
}


def test_all_of_them_stand_there_and_no_others() -> None:
    assert list(ROWS) == list(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_each_field_stands_there(name: str) -> None:
    fields, told = ROWS[name]
    known = KINDS[name].model_fields
    needed = {field for field, each in known.items() if each.is_required() and field != "turn"}
    assert needed <= set(fields) <= set(known)
    for field in set(known) - set(fields) - {"turn"}:
        assert f"`{field}`" in told, f"{field} is not told of"
