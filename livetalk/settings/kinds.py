"""Kinds of values that settings have, however they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

PREFIX = "LIVETALK_"


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _read_object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        read = json.loads(value or "{}")
    except ValueError as error:
        raise ValueError(f'it is a JSON object, as {{"speed": 1.1}}; this is none: {error}') from error
    if not isinstance(read, dict):
        raise ValueError('it is a JSON object, as {"speed": 1.1}')
    return read


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""several, with commas between them on the command line and in the environment"""
Options = Annotated[Mapping[str, Any], NoDecode, BeforeValidator(_read_object)]
"""a mapping in YAML, a JSON object on the command line and in the environment"""

__all__ = ["PREFIX", "Names", "Options"]
