"""Ids for avatars that people gave a name and no id."""

from __future__ import annotations

import itertools
import re
import secrets
import unicodedata
from collections.abc import Callable

LONGEST = 40


def id_for(name: str, is_free: Callable[[str], bool]) -> str:
    """A free id that is like the name: "Anna Müller" is anna-muller, or anna-muller-2."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    stem = words or f"avatar-{secrets.token_hex(3)}"
    numbered = itertools.chain((stem,), (f"{stem}-{number}" for number in itertools.count(2)))
    return next(each for each in numbered if is_free(each))


__all__ = ["id_for"]
