"""Events as JSON, and the schema that describes them."""

from __future__ import annotations

import json
from typing import Any

from livetalk.events.kinds import KINDS, Event


def written(event: Event) -> str:
    """One JSON object, the event's name as `event`."""
    return json.dumps({**event.fields, "event": event.name})


def schemas(ref_template: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of each kind by its class's name, and of `Event`, which is one of them.

    `ref_template` is where they will be found, with `{model}` for the name.
    """
    refs = {kind.name: ref_template.format(model=kind.__name__) for kind in KINDS.values()}
    event = {
        "description": (Event.__doc__ or "").strip(),
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "event", "mapping": refs},
    }
    return {"Event": event, **{kind.__name__: _schema(kind) for kind in KINDS.values()}}


def _schema(kind: type[Event]) -> dict[str, Any]:
    schema = kind.model_json_schema()
    event = {"const": kind.name, "description": "server-sent events have it beside their data"}
    own: dict[str, dict[str, Any]] = {"event": event}
    for field, described in schema["properties"].items():
        own[field] = {name: value for name, value in described.items() if name != "default"}
        if "anyOf" in described:  # or null: then it is left out
            (kept,) = (each for each in own[field].pop("anyOf") if each["type"] != "null")
            own[field].update(kept)
    return {**schema, "properties": own, "required": ["event", *schema.get("required", ())]}


__all__ = ["schemas", "written"]
