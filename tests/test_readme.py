"""The README's table of settings is the settings'."""

from __future__ import annotations

import re
from pathlib import Path

from livetalk.flags import default
from livetalk.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def settings_table() -> str:
    """The table as it has to stand between the README's two markers."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(
            f"| `{name}` | `{default(name, field)}` | {field.description} |".replace("`none`", "none")
        )
    return "\n".join(rows)


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    between = re.search(r"<!-- settings -->\n(.*)\n<!-- /settings -->", README.read_text("utf-8"), re.DOTALL)
    assert between is not None
    assert between[1] == settings_table()


def test_every_default_is_written_as_people_write_it() -> None:
    assert "Undefined" not in settings_table()


def test_every_local_link_of_the_documents_leads_somewhere() -> None:
    for document in [README, *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
