"""The OpenAPI description of the server, made from the models that check the requests."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

import livetalk
from livetalk.avatar.recipe import Recipe
from livetalk.events import schemas as event_schemas
from livetalk.server.avatar_answers import AvatarCard, AvatarJob
from livetalk.server.commands import Command
from livetalk.server.openapi_avatars import avatar_paths
from livetalk.server.openapi_pieces import (
    REF,
    answer_schema,
    done,
    errors_of,
    form_body,
    get,
    in_path,
    json_body,
    post,
    sdp_endpoint,
    sdp_resource,
    session_query,
    socket,
)
from livetalk.server.requests import (
    ActionRequest,
    AudioTypeRequest,
    AvatarRequest,
    BackgroundRequest,
    ConversationRequest,
    HumanRequest,
    JobRequest,
    OfferRequest,
    OutputRequest,
    OutputStop,
    PersonaChange,
    PlanRequest,
    RecordRequest,
    RenameRequest,
    SessionRequest,
    SessionsRequest,
    SpeakRequest,
)


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
        RenameRequest,
        ActionRequest,
        BackgroundRequest,
        AudioTypeRequest,
        PlanRequest,
        Recipe,
        AvatarCard,
        AvatarJob,
    )
    schemas: dict[str, Any] = {"Answer": answer_schema({}), "Error": answer_schema({"type": "null"})}
    schemas.update(event_schemas(REF))
    described = {model.__name__: model.model_json_schema(ref_template=REF) for model in models}
    described["Command"] = TypeAdapter(Command).json_schema(ref_template=REF)
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


def _paths() -> dict[str, Any]:
    return {
        "/offer": post("Open a session and answer a browser's offer", json_body(OfferRequest)),
        "/sessions": post("Open a session without watching it", json_body(SessionsRequest)),
        "/whep/{session}": sdp_endpoint("Watch a session: answer a WHEP player's offer"),
        "/whep/{session}/{viewer}": sdp_resource("viewer", "Later candidates of a player", "Stop watching"),
        "/whip/{session}": sdp_endpoint(
            "Speak live: answer a WHIP publisher's offer, of which sound is taken"
        ),
        "/whip/{session}/{speaker}": sdp_resource(
            "speaker", "Later candidates of a publisher", "Stop speaking"
        ),
        "/outputs": {
            **post("Carry a session to an output", json_body(OutputRequest)),
            **get("The outputs of a session, and how they are", "application/json", session_query()),
        },
        "/outputs/stop": post("End an output", json_body(OutputStop)),
        "/record": post("Begin or end a recording of a session", json_body(RecordRequest)),
        "/recordings": get(
            "The recordings of a session, also of one that is over", "application/json", session_query()
        ),
        "/record/{id}": {
            **get("A recording, as far as there is one", "video/mp4", in_path("id")),
            "delete": {"summary": "Remove a recording", "responses": {"200": done(), **errors_of()}},
        },
        "/record/{id}/link": post("A path to download by without the token", None),
        "/human": post("Speak a text, or answer it", json_body(HumanRequest)),
        "/humanaudio": post(
            "Speak a sound file, or answer what is said in it", form_body("sessionid", "type")
        ),
        "/interrupt_talk": post("Stop speaking and forget what waits", json_body(SessionRequest)),
        "/end_turn": post("Answer what is being said into a microphone", json_body(SessionRequest)),
        "/avatar": post("Show another avatar, also in the middle of speech", json_body(AvatarRequest)),
        "/backgrounds/{name}/thumbnail": get("One of the backgrounds, small", "image/jpeg", in_path("name")),
        "/persona": post("Change who the avatar is in the conversation", json_body(PersonaChange)),
        "/is_speaking": post("Whether something is being said or waits to be", json_body(SessionRequest)),
        "/sse": get("A session's events, as they play", "text/event-stream", session_query(), of="Event"),
        "/ws": socket("The same by WebSocket; takes commands, and the sound of a microphone"),
        **avatar_paths(),
        **_simple_paths(),
        "/config": get("What a page needs to know before it connects", "application/json"),
        "/avatars/{id}/thumbnail": get("An avatar's picture", "image/*", in_path("id")),
        "/healthz": get("The process lives", "application/json"),
        "/readyz": get("Sessions can be opened", "application/json"),
        "/metrics": get("Prometheus text", "text/plain"),
    }


def _simple_paths() -> dict[str, Any]:
    """Of clients whose session is named by a cookie."""
    return {
        "/speak": post("Say a text, and get the clip of all that was said", json_body(SpeakRequest)),
        "/reset": {
            **post("Stop speaking, forget the conversation, begin a new clip", None),
            **get("The same, for clients that can only GET", "application/json"),
        },
        "/chat": post("Answer what the user says: a job to ask about", json_body(JobRequest), "202"),
        "/status/{job}": get("How a job is", "application/json", in_path("job")),
        "/api/conversation/text": post("Answer, once the reply was said", json_body(ConversationRequest)),
        "/api/conversation/audio": post("The same of a recording", form_body()),
        "/clip/{number}.mp4": get("The clip of what was said", "video/mp4", in_path("number")),
    }
