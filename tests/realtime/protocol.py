"""The protocol as the `openai` package types it: what a client may send, and what a server does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter, ValidationError


@cache
def _kinds(of: Any) -> Mapping[str, TypeAdapter[Any]]:
    """Type of event -> what checks it."""
    classes = get_args(get_args(of)[0])
    return {get_args(each.model_fields["type"].annotation)[0]: TypeAdapter(each) for each in classes}


def client_fault(event: Mapping[str, Any]) -> str:
    """What is wrong with a client's event; "" for nothing."""
    return _fault(RealtimeClientEvent, event)


def server_fault(event: Mapping[str, Any]) -> str:
    """What is wrong with a server's event; "" for nothing."""
    return _fault(RealtimeServerEvent, event)


def _fault(of: Any, event: Mapping[str, Any]) -> str:
    checks = _kinds(of).get(event["type"])
    if checks is None:
        return f"there is no event {event['type']}"
    try:
        unknown = [*_unknown(checks.validate_python(event))]
    except ValidationError as error:
        return f"{event['type']}: {error}"
    return f"{event['type']}: there is no {', '.join(unknown)}" if unknown else ""


def _unknown(value: Any) -> Iterator[str]:
    """The fields that the API does not have."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            yield from _unknown(each)
