"""Whether events are as the server describes them."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from livetalk.server.openapi import describe

SCHEMAS = describe(needs_token=False)["components"]
VALIDATOR = Draft202012Validator({"$ref": "#/components/schemas/Event", "components": SCHEMAS})


def validator_of(name: str) -> Draft202012Validator:
    """Of a schema that is described."""
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": SCHEMAS})


def as_described(told: dict[str, Any]) -> dict[str, Any]:
    """An event, with its name as `event`; it has to be one of those that are described."""
    kind = SCHEMAS["schemas"]["Event"]["discriminator"]["mapping"].get(told.get("event"))
    assert kind is not None, f"{told} is no event"
    VALIDATOR.evolve(schema={"$ref": kind, "components": SCHEMAS}).validate(told)
    VALIDATOR.validate(told)
    return told
