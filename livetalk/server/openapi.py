"""The OpenAPI description of the server, made from the models that check the requests."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

import livetalk
from livetalk.server.requests import AvatarRequest, HumanRequest, OfferRequest, SessionRequest

ERRORS = {
    "400": "malformed, or not what the route takes",
    "401": "no token, or a wrong one",
    "403": "a foreign Host or Origin",
    "404": "no such session",
    "413": "too many bytes, seconds or characters",
    "415": "not a content type or a sound that is read here",
    "429": "too much waits to be said",
    "503": "nothing is free, or nothing is configured, to do it",
}

_REF = "#/components/schemas/{model}"


def describe(needs_token: bool) -> dict[str, Any]:
    """OpenAPI 3.1, as a JSON object."""
    models = (OfferRequest, HumanRequest, AvatarRequest, SessionRequest)
    schemas: dict[str, Any] = {"Answer": _answer({}), "Error": _answer({"type": "null"})}
    for model in models:
        schema = model.model_json_schema(ref_template=_REF)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
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
        "/human": _post("Speak a text", _json(HumanRequest)),
        "/humanaudio": _post("Speak a sound file", _form()),
        "/interrupt_talk": _post("Stop speaking and forget what waits", _json(SessionRequest)),
        "/avatar": _post("Show another avatar, also in the middle of speech", _json(AvatarRequest)),
        "/is_speaking": _post("Whether something is being said or waits to be", _json(SessionRequest)),
        "/sse": _get("A session's events, as they play", "text/event-stream", _session_query()),
        "/config": _get("What a page needs to know before it connects", "application/json"),
        "/avatars/{id}/thumbnail": _get("An avatar's picture", "image/*", _path_id()),
        "/healthz": _get("The process lives", "application/json"),
        "/readyz": _get("Sessions can be opened", "application/json"),
        "/metrics": _get("Prometheus text", "text/plain"),
    }


def _post(summary: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = {"description": "done", "content": {"application/json": {"schema": _schema("Answer")}}}
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": body},
            "responses": {"200": answer, **_errors()},
        }
    }


def _get(summary: str, content_type: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    answer = {"description": "as asked", "content": {content_type: {}}}
    return {
        "get": {
            "summary": summary,
            "parameters": [*parameters],
            "responses": {"200": answer, **_errors()},
        }
    }


def _errors() -> dict[str, Any]:
    content = {"application/json": {"schema": _schema("Error")}}
    return {status: {"description": text, "content": content} for status, text in ERRORS.items()}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(model.__name__)}}


def _form() -> dict[str, Any]:
    properties = {
        "sessionid": {"type": "string"},
        "file": {"type": "string", "contentMediaType": "audio/*", "contentEncoding": "binary"},
    }
    schema = {"type": "object", "required": ["sessionid", "file"], "properties": properties}
    return {"multipart/form-data": {"schema": schema}}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


def _session_query() -> dict[str, Any]:
    return {"name": "sessionid", "in": "query", "required": True, "schema": {"type": "string"}}


def _path_id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
