"""What OpenAPI descriptions of routes are put together from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

ERRORS = {
    "400": "malformed, or not what the route takes",
    "401": "no token, or a wrong one",
    "403": "a foreign Host or Origin",
    "404": "no such session, avatar, recording or job",
    "408": "an upload hardly comes",
    "409": "not as things are now",
    "413": "too many bytes, seconds or characters",
    "415": "not a content type or a sound that is read here",
    "429": "too much waits to be said",
    "503": "nothing is free, or nothing is configured, to do it",
    "504": "not done in the time that a caller waits; it goes on",
    "507": "no room for more recordings",
}

TRICKLE_ERRORS = {
    "412": "If-Match names an ICE session that is over",
    "422": "an ICE restart, or candidates of another ICE session",
    "428": "no If-Match",
}
"""of what WHIP and WHEP clients send after their offer, beside the others"""

REF = "#/components/schemas/{model}"


def answer_schema(data: dict[str, Any]) -> dict[str, Any]:
    """What routes answer, with `data` of this schema."""
    return {
        "type": "object",
        "required": ["code", "msg"],
        "properties": {
            "code": {"type": "integer", "description": "0, or the HTTP status of an error"},
            "msg": {"type": "string", "description": "ok, or what went wrong and what to do"},
            "data": data,
        },
    }


def post(summary: str, body: dict[str, Any] | None, good: str = "200") -> dict[str, Any]:
    """A POST of a body, `good` the status where it is done."""
    taken = {} if body is None else {"requestBody": {"required": True, "content": body}}
    return {"post": {"summary": summary, **taken, "responses": {good: done(), **errors_of()}}}


def done() -> dict[str, Any]:
    """The answer where nothing went wrong."""
    return {"description": "done", "content": {"application/json": {"schema": schema_of("Answer")}}}


def get(summary: str, content_type: str, *parameters: dict[str, Any], of: str = "") -> dict[str, Any]:
    """A GET; `of` names the schema of what it answers."""
    content = {content_type: {"schema": schema_of(of)} if of else {}}
    answer = {"description": "as asked", "content": content}
    return {
        "get": {
            "summary": summary,
            "parameters": [*parameters],
            "responses": {"200": answer, **errors_of()},
        }
    }


def socket(summary: str) -> dict[str, Any]:
    """A WebSocket."""
    described = get(summary, "application/json", session_query(), query("rate", "integer", required=False))
    texts = {"application/json": {"schema": {"oneOf": [schema_of("Event"), schema_of("Command")]}}}
    told = "a WebSocket: each text sent is an Event, each taken a Command"
    described["get"]["responses"] = {"101": {"description": told, "content": texts}, **errors_of()}
    return described


def sdp_endpoint(summary: str) -> dict[str, Any]:
    """As RFC 9725 and draft-ietf-wish-whep describe it."""
    sdp = {"application/sdp": {"schema": {"type": "string"}}}
    headers = {name: {"schema": {"type": "string"}} for name in ("Location", "ETag", "Link")}
    return {
        "parameters": [in_path("session")],
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": sdp},
            "responses": {
                "201": {"description": "the answer", "headers": headers, "content": sdp},
                **errors_of(),
            },
        },
        "options": {"summary": "What may be posted", "responses": {"204": {"description": "Accept-Post"}}},
    }


def sdp_resource(name: str, trickle: str, end: str) -> dict[str, Any]:
    """What a peer may send to its own address, as RFC 8840 and RFC 9725 have it."""
    fragment = {"application/trickle-ice-sdpfrag": {"schema": {"type": "string"}}}
    if_match = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    return {
        "parameters": [in_path("session"), in_path(name)],
        "patch": {
            "summary": trickle,
            "parameters": [if_match],
            "requestBody": {"required": True, "content": fragment},
            "responses": {"204": {"description": "taken"}, **errors_of(ERRORS | TRICKLE_ERRORS)},
        },
        "delete": {"summary": end, "responses": {"200": {"description": "done"}, **errors_of()}},
        "options": {"summary": "What may be sent", "responses": {"204": {"description": "Accept-Patch"}}},
    }


def errors_of(errors: Mapping[str, str] = ERRORS) -> dict[str, Any]:
    """What may go wrong: status -> why."""
    content = {"application/json": {"schema": schema_of("Error")}}
    return {status: {"description": text, "content": content} for status, text in errors.items()}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """A body that a model describes."""
    return {"application/json": {"schema": schema_of(model.__name__)}}


def form_body(*fields: str) -> dict[str, Any]:
    """A sound in the field `file`, and others."""
    properties = {
        **{name: {"type": "string"} for name in fields},
        "file": {"type": "string", "contentMediaType": "audio/*", "contentEncoding": "binary"},
    }
    schema = {"type": "object", "required": [*fields[:1], "file"], "properties": properties}
    return {"multipart/form-data": {"schema": schema}}


def schema_of(name: str) -> dict[str, str]:
    """A schema of the description, by name."""
    return {"$ref": REF.format(model=name)}


def session_query() -> dict[str, Any]:
    """The session, as a parameter."""
    return query("sessionid", "string", required=True)


def query(name: str, kind: str, *, required: bool) -> dict[str, Any]:
    """A parameter behind the question mark."""
    return {"name": name, "in": "query", "required": required, "schema": {"type": kind}}


def in_path(name: str) -> dict[str, Any]:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


__all__ = [
    "ERRORS",
    "REF",
    "answer_schema",
    "done",
    "errors_of",
    "form_body",
    "get",
    "in_path",
    "json_body",
    "post",
    "sdp_endpoint",
    "sdp_resource",
    "session_query",
    "socket",
]
