"""Findings as lines for people, and as JSON for machines."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence

from livetalk.doctor.finding import Finding, Mark

NAME_WIDTH = 15
INDENT = " " * (6 + NAME_WIDTH)


def lines(finding: Finding, width: int) -> str:
    """A finding, wrapped to so many columns; what to do stands below it."""
    head = f"{finding.mark.value:<6}{finding.name:<{NAME_WIDTH}}"
    text = _wrapped(finding.found, width, head, INDENT)
    if not finding.todo:
        return text
    return f"{text}\n{_wrapped(finding.todo, width, f'{INDENT}-> ', f'{INDENT}   ')}"


def _wrapped(text: str, width: int, first: str, rest: str) -> str:
    """Wrapped between words alone: commands and addresses can be copied."""
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )


def summary(findings: Sequence[Finding]) -> str:
    """How many stand how."""
    count = Counter(finding.mark for finding in findings)
    return ", ".join(f"{count[mark]} {mark.value}" for mark in Mark)


def as_json(findings: Sequence[Finding]) -> str:
    """An object with `healthy`, and the `findings` in their order."""
    told = [
        {"name": each.name, "mark": each.mark.value, "found": each.found, "todo": each.todo}
        for each in findings
    ]
    return json.dumps({"healthy": healthy(findings), "findings": told}, indent=2, ensure_ascii=False)


def healthy(findings: Sequence[Finding]) -> bool:
    """Whether nothing failed."""
    return all(finding.mark is not Mark.FAIL for finding in findings)


__all__ = ["as_json", "healthy", "lines", "summary"]
