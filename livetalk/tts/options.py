"""A voice plugin's own options, out of the setting `tts_options`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from livetalk.errors import SettingsError

Kinds: TypeAlias = Mapping[str, type | tuple[type, ...]]
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


def checked(plugin: str, extra: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    """The options, each of its kind; a whole number will do for a number.

    Raises:
        SettingsError: one is unknown, or of another kind; the message names it.
    """
    unknown = sorted(extra.keys() - kinds.keys())
    if unknown:
        there = ", ".join(sorted(kinds)) or "none"
        raise SettingsError(f"tts_options: {plugin} has no option {unknown[0]!r}; it has: {there}")
    return {name: _value(name, value, kinds[name]) for name, value in extra.items()}


def _value(name: str, value: Any, kind: type | tuple[type, ...]) -> Any:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if float in kinds and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        words = " or ".join(_WORDS.get(each, each.__name__) for each in kinds)
        raise SettingsError(f"tts_options: {name} is {words}, not {value!r}")
    return value


__all__ = ["Kinds", "checked"]
