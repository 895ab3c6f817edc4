"""What is sent to a server of OpenAI's Realtime API: its client events.

Their form is that of the API's reference ("Client events" of the Realtime API, the general availability of
August 2025: sessions of `type: realtime`, formats as objects), as the types of the `openai` package have it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from livetalk.protocols import REPLY_RATE, Message, RealtimeOptions, Tool
from livetalk.types import Int16Array

ClientEvent: TypeAlias = dict[str, Any]

PCM = {"type": "audio/pcm", "rate": REPLY_RATE}
"""the only rate that the API has for it, in both directions"""
TRANSCRIPTION_MODEL = "gpt-transcribe"
ASKED_BY = "livetalk"
"""names, in a response's metadata, the request that it answers"""
SETUP = "setup"
"""names, in an error, what the session was to be like"""


def session_update(options: RealtimeOptions, instructions: str) -> ClientEvent:
    """What the session is to be like; the plugin's own options come last."""
    session: dict[str, Any] = {
        "type": "realtime",
        "instructions": instructions,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": PCM,
                "transcription": {"model": TRANSCRIPTION_MODEL},
                "turn_detection": _turn_detection(options),
            },
            "output": {"format": PCM, **({"voice": options.voice} if options.voice else {})},
        },
    }
    if options.tools:
        session["tools"] = [_described(tool) for tool in options.tools]
    return {"type": "session.update", "event_id": SETUP, "session": _merged(session, options.extra)}


def new_instructions(instructions: str) -> ClientEvent:
    """Another persona."""
    return {"type": "session.update", "session": {"type": "realtime", "instructions": instructions}}


def remembered(messages: Sequence[Message]) -> list[ClientEvent]:
    """The conversation so far, as items."""
    kinds = {"user": "input_text", "assistant": "output_text", "system": "input_text"}
    return [_item(each.role, kinds[each.role], each.text) for each in messages]


def question(request: str, text: str) -> ClientEvent:
    """What the user wrote, to be answered with `request`."""
    return {**_item("user", "input_text", text), "event_id": item_of(request)}


def item_of(request: str) -> str:
    """What names a question's text in an error, where `request` names the question."""
    return f"{request}_text"


def tool_result(call_id: str, result: str) -> ClientEvent:
    """What the use of a tool came to; each call gets one, or the model waits for it."""
    item = {"type": "function_call_output", "call_id": call_id, "output": result}
    return {"type": "conversation.item.create", "item": item}


def respond(request: str, instructions: str = "", *, with_tools: bool = True) -> ClientEvent:
    """Answer now; `request` comes back in what is told of the answer, and of an error."""
    response: dict[str, Any] = {"metadata": {ASKED_BY: request}}
    if instructions:
        response["instructions"] = instructions
    if not with_tools:
        response["tool_choice"] = "none"
    return {"type": "response.create", "event_id": request, "response": response}


def append(pcm: Int16Array) -> ClientEvent:
    """Sound of the user, (n,) samples at REPLY_RATE."""
    sound = base64.b64encode(pcm.astype("<i2", copy=False).tobytes()).decode("ascii")
    return {"type": "input_audio_buffer.append", "audio": sound}


def cancel(response_id: str) -> ClientEvent:
    """Make no more of a response."""
    return {"type": "response.cancel", "response_id": response_id}


def truncate(item_id: str, content_index: int, end_ms: int) -> ClientEvent:
    """Know no more of an item than what was heard of it."""
    return {
        "type": "conversation.item.truncate",
        "item_id": item_id,
        "content_index": content_index,
        "audio_end_ms": end_ms,
    }


def delete(item_id: str) -> ClientEvent:
    """Forget an item of which nothing was heard: the API refuses to truncate one to nothing."""
    return {"type": "conversation.item.delete", "item_id": item_id}


def _item(role: str, kind: str, text: str) -> ClientEvent:
    message = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    return {"type": "conversation.item.create", "item": message}


def _described(tool: Tool) -> Mapping[str, Any]:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }


def _turn_detection(options: RealtimeOptions) -> ClientEvent | None:
    if options.turn_detection == "ours":
        return None
    return {
        "type": f"{options.turn_detection}_vad",
        "create_response": True,
        "interrupt_response": options.barge_in,
    }


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ours)
    for name, value in theirs.items():
        inner = merged.get(name)
        both = isinstance(inner, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(inner, value) if both and inner is not None else value
    return merged


__all__ = [
    "ASKED_BY",
    "SETUP",
    "TRANSCRIPTION_MODEL",
    "ClientEvent",
    "append",
    "cancel",
    "delete",
    "item_of",
    "new_instructions",
    "question",
    "remembered",
    "respond",
    "session_update",
    "tool_result",
    "truncate",
]
