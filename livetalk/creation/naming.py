"""Files that were sent keep names of ours; who reads of one reads the name that its sender gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OURS = re.compile(r"\b\d{8}(?:\.[a-z]+)?\b")


def in_senders_names(text: str, names: Mapping[str, str]) -> str:
    """A text about files; `names` are those of their sender, by ours, as 00000007.png."""
    return _OURS.sub(lambda found: names.get(found[0], found[0]), text)


__all__ = ["in_senders_names"]
