"""The OpenAPI description of the server, made from the models that check the requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

import livetalk
from livetalk.events import schemas as event_schemas
from livetalk.server.commands import Command
from livetalk.server.requests import (
    AvatarRequest,
    ConversationRequest,
    HumanRequest,
    JobRequest,
    OfferRequest,
    OutputRequest,
    OutputStop,
    PersonaChange,
    RecordRequest,
    SessionRequest,
    SessionsRequest,
    SpeakRequest,
)

ERRORS = {
    "400": "malformed, or not what the route takes",
    "401": "no token, or a wrong one",
    "403": "a foreign Host or Origin",
    "404": "no such session",
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

_REF = "#/components/schemas/{model}"


def describe(needs_token: bool) -> dict[str, Any]:
    """OpenAPI 3.1, as a JSON object."""
    models = (
        OfferRequest,
        SessionsRequest,
        HumanRequest,
        SpeakRequest,
        JobRequest,
        ConversationRequest,
        AvatarRequest,
        OutputRequest,
        OutputStop,
        PersonaChange,
        RecordRequest,
        SessionRequest,
    )
    schemas: dict[str, Any] = {"Answer": _answer({}), "Error": _answer({"type": "null"})}
    schemas.update(event_schemas(_REF))
    described = {model.__name__: model.model_json_schema(ref_template=_REF) for model in models}
    described["Command"] = TypeAdapter(Command).json_schema(ref_template=_REF)
    for name, schema in described.items():
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    description: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "livetalk", "version": livetalk.__version__},
        "paths": _paths(),
        "components": {"schemas": schemas},
    }
    if needs_token:
        description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
    return description


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["code", "msg"],
        "properties": {
            "code": {"type": "integer", "description": "0, or the HTTP status of an error"},
            "msg": {"type": "string", "description": "ok, or what went wrong and what to do"},
            "data": data,
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/offer": _post("Open a session and answer a browser's offer", _json(OfferRequest)),
        "/sessions": _post("Open a session without watching it", _json(SessionsRequest)),
        "/whep/{session}": _sdp_endpoint("Watch a session: answer a WHEP player's offer"),
        "/whep/{session}/{viewer}": _sdp_resource("viewer", "Later candidates of a player", "Stop watching"),
        "/whip/{session}": _sdp_endpoint(
            "Speak live: answer a WHIP publisher's offer, of which sound is taken"
        ),
        "/whip/{session}/{speaker}": _sdp_resource(
            "speaker", "Later candidates of a publisher", "Stop speaking"
        ),
        "/outputs": {
            **_post("Carry a session to an output", _json(OutputRequest)),
            **_get("The outputs of a session, and how they are", "application/json", _session_query()),
        },
        "/outputs/stop": _post("End an output", _json(OutputStop)),
        "/record": _post("Begin or end a recording of a session", _json(RecordRequest)),
        "/recordings": _get(
            "The recordings of a session, also of one that is over", "application/json", _session_query()
        ),
        "/record/{id}": {
            **_get("A recording, as far as there is one", "video/mp4", _in_path("id")),
            "delete": {"summary": "Remove a recording", "responses": {"200": _done(), **_errors()}},
        },
        "/record/{id}/link": _post("A path to download by without the token", None),
        "/human": _post("Speak a text, or answer it", _json(HumanRequest)),
        "/humanaudio": _post("Speak a sound file, or answer what is said in it", _form("sessionid", "type")),
        "/interrupt_talk": _post("Stop speaking and forget what waits", _json(SessionRequest)),
        "/end_turn": _post("Answer what is being said into a microphone", _json(SessionRequest)),
        "/avatar": _post("Show another avatar, also in the middle of speech", _json(AvatarRequest)),
        "/persona": _post("Change who the avatar is in the conversation", _json(PersonaChange)),
        "/is_speaking": _post("Whether something is being said or waits to be", _json(SessionRequest)),
        "/sse": _get("A session's events, as they play", "text/event-stream", _session_query(), of="Event"),
        "/ws": _socket("The same by WebSocket; takes commands, and the sound of a microphone"),
        **_simple_paths(),
        "/config": _get("What a page needs to know before it connects", "application/json"),
        "/avatars/{id}/thumbnail": _get("An avatar's picture", "image/*", _in_path("id")),
        "/healthz": _get("The process lives", "application/json"),
        "/readyz": _get("Sessions can be opened", "application/json"),
        "/metrics": _get("Prometheus text", "text/plain"),
    }


def _simple_paths() -> dict[str, Any]:
    """Of clients whose session is named by a cookie."""
    return {
        "/speak": _post("Say a text, and get the clip of all that was said", _json(SpeakRequest)),
        "/reset": {
            **_post("Stop speaking, forget the conversation, begin a new clip", None),
            **_get("The same, for clients that can only GET", "application/json"),
        },
        "/chat": _post("Answer what the user says: a job to ask about", _json(JobRequest), "202"),
        "/status/{job}": _get("How a job is", "application/json", _in_path("job")),
        "/api/conversation/text": _post("Answer, once the reply was said", _json(ConversationRequest)),
        "/api/conversation/audio": _post("The same of a recording", _form()),
        "/clip/{number}.mp4": _get("The clip of what was said", "video/mp4", _in_path("number")),
    }


def _post(summary: str, body: dict[str, Any] | None, good: str = "200") -> dict[str, Any]:
    taken = {} if body is None else {"requestBody": {"required": True, "content": body}}
    return {"post": {"summary": summary, **taken, "responses": {good: _done(), **_errors()}}}


def _done() -> dict[str, Any]:
    return {"description": "done", "content": {"application/json": {"schema": _schema("Answer")}}}


def _get(summary: str, content_type: str, *parameters: dict[str, Any], of: str = "") -> dict[str, Any]:
    content = {content_type: {"schema": _schema(of)} if of else {}}
    answer = {"description": "as asked", "content": content}
    return {
        "get": {
            "summary": summary,
            "parameters": [*parameters],
            "responses": {"200": answer, **_errors()},
        }
    }


def _socket(summary: str) -> dict[str, Any]:
    described = _get(summary, "application/json", _session_query(), _query("rate", "integer", required=False))
    texts = {"application/json": {"schema": {"oneOf": [_schema("Event"), _schema("Command")]}}}
    told = "a WebSocket: each text sent is an Event, each taken a Command"
    described["get"]["responses"] = {"101": {"description": told, "content": texts}, **_errors()}
    return described


def _sdp_endpoint(summary: str) -> dict[str, Any]:
    """As RFC 9725 and draft-ietf-wish-whep describe it."""
    sdp = {"application/sdp": {"schema": {"type": "string"}}}
    headers = {name: {"schema": {"type": "string"}} for name in ("Location", "ETag", "Link")}
    return {
        "parameters": [_in_path("session")],
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": sdp},
            "responses": {
                "201": {"description": "the answer", "headers": headers, "content": sdp},
                **_errors(),
            },
        },
        "options": {"summary": "What may be posted", "responses": {"204": {"description": "Accept-Post"}}},
    }


def _sdp_resource(name: str, trickle: str, end: str) -> dict[str, Any]:
    fragment = {"application/trickle-ice-sdpfrag": {"schema": {"type": "string"}}}
    if_match = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    return {
        "parameters": [_in_path("session"), _in_path(name)],
        "patch": {
            "summary": trickle,
            "parameters": [if_match],
            "requestBody": {"required": True, "content": fragment},
            "responses": {"204": {"description": "taken"}, **_errors(ERRORS | TRICKLE_ERRORS)},
        },
        "delete": {"summary": end, "responses": {"200": {"description": "done"}, **_errors()}},
        "options": {"summary": "What may be sent", "responses": {"204": {"description": "Accept-Patch"}}},
    }


def _errors(errors: Mapping[str, str] = ERRORS) -> dict[str, Any]:
    content = {"application/json": {"schema": _schema("Error")}}
    return {status: {"description": text, "content": content} for status, text in errors.items()}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(model.__name__)}}


def _form(*fields: str) -> dict[str, Any]:
    """A sound in the field `file`, and others."""
    properties = {
        **{name: {"type": "string"} for name in fields},
        "file": {"type": "string", "contentMediaType": "audio/*", "contentEncoding": "binary"},
    }
    schema = {"type": "object", "required": [*fields[:1], "file"], "properties": properties}
    return {"multipart/form-data": {"schema": schema}}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


def _session_query() -> dict[str, Any]:
    return _query("sessionid", "string", required=True)


def _query(name: str, kind: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {"type": kind}}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
