"""The routes of avatars, as OpenAPI describes them."""

from __future__ import annotations

from typing import Any

from livetalk.server.openapi_pieces import (
    ERRORS,
    done,
    errors_of,
    get,
    in_path,
    json_body,
    post,
    query,
    schema_of,
)
from livetalk.server.requests import (
    ActionRequest,
    AudioTypeRequest,
    BackgroundRequest,
    PlanRequest,
    RenameRequest,
)


def avatar_paths() -> dict[str, Any]:
    """All of them."""
    delete = {"responses": {"200": done(), **errors_of()}}
    plan = post("Change what an avatar does by itself; its card comes back", json_body(PlanRequest))["post"]
    rename = post("Rename an avatar", json_body(RenameRequest))["post"]
    return {
        "/api/avatars": {
            **post("Make an avatar of a clip, a photo, or several photos", _form(), "202"),
            **get("The avatars there are", "application/json", of="AvatarCard"),
        },
        "/api/avatar-preview": _preview(),
        "/api/avatars/{id}": {
            **get("An avatar", "application/json", in_path("id"), of="AvatarCard"),
            "patch": {**rename, "parameters": [in_path("id")]},
            "delete": {"summary": "Delete an avatar", "parameters": [in_path("id")], **delete},
        },
        "/api/avatars/{id}/video": get(
            "An avatar's body, or an action's clip, to look at",
            "video/mp4",
            in_path("id"),
            query("action", "string", required=False),
        ),
        "/api/avatars/{id}/plan": {
            "put": {**plan, "parameters": [in_path("id")]},
        },
        "/api/avatars/{id}/actions": {
            **post("Add an action to an avatar, of a clip", _action_form(), "202"),
            "parameters": [in_path("id")],
        },
        "/api/avatars/{id}/actions/{name}": {
            "delete": {
                "summary": "Take an action from an avatar; its card comes back",
                "parameters": [in_path("id"), in_path("name")],
                **delete,
            },
        },
        "/sessions/{id}/action": {
            **post("Show an action of the avatar", json_body(ActionRequest)),
            "parameters": [in_path("id")],
        },
        "/sessions/{id}/background": {
            **post("Show another background behind an avatar that was cut out", json_body(BackgroundRequest)),
            "parameters": [in_path("id")],
        },
        "/set_audiotype": post("The same as LiveTalking's clients ask for it", json_body(AudioTypeRequest)),
        "/api/avatar-jobs": get("The avatars that are made, or were", "application/json", of="AvatarJob"),
        "/api/avatar-jobs/{job}": {
            **get("How an avatar's making stands", "application/json", in_path("job"), of="AvatarJob"),
            "delete": {"summary": "Make it no more", "parameters": [in_path("job")], **delete},
        },
        "/api/avatar-jobs/{job}/events": get(
            "The same each time it changes, to its end", "text/event-stream", in_path("job"), of="AvatarJob"
        ),
        "/api/avatar-jobs/{job}/pictures/{number}": get(
            "Where a note's trouble is seen", "image/jpeg", in_path("job"), in_path("number")
        ),
        "/api/avatar/task": post("The same as LiveTalking's clients ask for it", _task_form()),
        "/api/avatar/task/{task}": {
            **get("How a task stands", "application/json", in_path("task")),
            "delete": {"summary": "Cancel a task that waits", "parameters": [in_path("task")], **delete},
        },
        "/api/avatar/tasks": get("All tasks", "application/json"),
    }


def _form() -> dict[str, Any]:
    text = {"type": "string"}
    recipe = {**schema_of("Recipe"), "contentMediaType": "application/json"}
    return _multipart("file", {"id": text, "name": text, "recipe": recipe})


def _preview() -> dict[str, Any]:
    recipe = {**schema_of("Recipe"), "contentMediaType": "application/json"}
    described = post(
        "What MuseTalk's controls would redraw of a photo, or of a clip's picture; nothing is kept",
        _multipart("source", {"options": recipe}),
    )
    refused = {"422": "no avatar can be made of this"}
    described["post"]["responses"] = {
        "200": {"description": "at most 720 pixels a side", "content": {"image/jpeg": {}}},
        **errors_of({**ERRORS, **refused}),
    }
    return described


def _action_form() -> dict[str, Any]:
    recipe = {**schema_of("Recipe"), "contentMediaType": "application/json"}
    return _multipart(
        "file", {"name": {"type": "string"}, "sound": {"enum": ["true", "false"]}, "recipe": recipe}
    )


def _task_form() -> dict[str, Any]:
    names = ("model", "avatar_id", "version", "bbox_shift", "extra_margin", "parsing_mode")
    return _multipart("video_file", {name: {"type": "string"} for name in names})


def _multipart(file: str, fields: dict[str, Any]) -> dict[str, Any]:
    footage = {"type": "string", "contentMediaType": "video/*", "contentEncoding": "binary"}
    schema = {"type": "object", "required": [file], "properties": {**fields, file: footage}}
    return {"multipart/form-data": {"schema": schema}}


__all__ = ["avatar_paths"]
