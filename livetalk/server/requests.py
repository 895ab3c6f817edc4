"""What the routes take: the JSON bodies, checked field by field."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livetalk.avatar.manifest import Plan
from livetalk.errors import InvalidRequest, TooLarge, UnsupportedMedia
from livetalk.faults import fault, place

BACKGROUND = (
    "behind an avatar that was cut out: a colour as #00ff00, one of the backgrounds that /config names, or "
    "empty for the avatar's own; none takes the server's default"
)


class PersonaRequest(BaseModel):
    """Who the avatar is to be; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    system_prompt: str | None = Field(
        None, max_length=20_000, description="what the language model is told to be"
    )
    model: str | None = Field(None, max_length=200, description="llm_model, or one of llm_models")
    temperature: float | None = Field(None, ge=0, le=2)
    voice: str | None = Field(None, max_length=100, description="of all it says")
    welcome: str | None = Field(None, max_length=2_000, description="said to whoever connects first")


class OfferRequest(BaseModel):
    """`POST /offer`."""

    model_config = ConfigDict(extra="ignore")

    sdp: str = Field(description="an SDP offer that receives audio and video", max_length=200_000)
    type: Literal["offer"]
    avatar: str | None = Field(None, description="an avatar's id; none takes the server's default")
    background: str | None = Field(None, description=BACKGROUND, max_length=64)
    persona: PersonaRequest | None = None


class SessionRequest(BaseModel):
    """A body that only names its session."""

    model_config = ConfigDict(extra="ignore")

    sessionid: str = Field(description="as /offer answered it", max_length=64)


class AvatarRequest(SessionRequest):
    """`POST /avatar`."""

    avatar: str = Field(description="an avatar's id", max_length=64)


class RenameRequest(BaseModel):
    """`PATCH /api/avatars/{id}`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="as people are to read it; the id stays", max_length=80)


class PlanRequest(BaseModel):
    """`PUT /api/avatars/{id}/plan`."""

    model_config = ConfigDict(extra="forbid")

    plan: Plan = Field(description="by state what the avatar does by itself; empty for nothing")


class ActionRequest(BaseModel):
    """`POST /sessions/{id}/action`."""

    model_config = ConfigDict(extra="forbid")

    action: str = Field(
        description="one of the avatar's actions; empty ends the one that is seen", max_length=64
    )
    loop: bool = Field(False, description="again and again, until it is ended or another begins")


class BackgroundRequest(BaseModel):
    """`POST /sessions/{id}/background`."""

    model_config = ConfigDict(extra="forbid")

    background: str = Field(description=BACKGROUND, max_length=64)


class AudioTypeRequest(SessionRequest):
    """`POST /set_audiotype`, as LiveTalking's clients ask for an action."""

    audiotype: int | str = Field(
        description="an action's name; or 2 for the first by name, 3 for the next; 0 and 1 end it"
    )


class SessionsRequest(BaseModel):
    """`POST /sessions`."""

    model_config = ConfigDict(extra="ignore")

    avatar: str | None = Field(None, description="an avatar's id; none takes the server's default")
    background: str | None = Field(None, description=BACKGROUND, max_length=64)
    persona: PersonaRequest | None = None


class PersonaChange(SessionRequest):
    """`POST /persona`."""

    persona: PersonaRequest


class RecordRequest(SessionRequest):
    """`POST /record`."""

    type: Literal["start_record", "end_record"]


class OutputRequest(SessionRequest):
    """`POST /outputs`."""

    output: str = Field(description="one of the outputs that /config names", max_length=100)


class OutputStop(SessionRequest):
    """`POST /outputs/stop`."""

    id: str = Field(description="as /outputs answered it", max_length=64)


class TtsRequest(BaseModel):
    """How a text is to be spoken."""

    model_config = ConfigDict(extra="ignore")

    voice: str = Field("", description="a voice of the server's voice plugin", max_length=100)


class HumanRequest(SessionRequest):
    """`POST /human`; fields of your own come back in the events of this text."""

    model_config = ConfigDict(extra="allow")

    text: str
    type: Literal["echo", "chat"] = Field("echo", description="echo speaks the text, chat answers it")
    interrupt: bool = Field(False, description="stop what is being said first; otherwise it queues")
    tts: TtsRequest | None = None

    def own_fields(self) -> dict[str, Any]:
        """The caller's own fields."""
        return dict(self.model_extra or {})


class JobRequest(BaseModel):
    """`POST /chat`."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(description="what the user says")


class ConversationRequest(JobRequest):
    """`POST /api/conversation/text`."""

    timeout_s: float = Field(120.0, gt=0, le=600, description="seconds to wait for the reply to be said")


class SpeakRequest(BaseModel):
    """`POST /speak`."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(description="what is said")
    voice: str = Field("", description="a voice of the server's voice plugin", max_length=100)
    timeout_s: float = Field(600.0, gt=0, le=600, description="seconds to wait for it to be said")


class ResetRequest(BaseModel):
    """`POST /reset`, where it has a body; nothing in it is looked at."""

    model_config = ConfigDict(extra="ignore")


OWN_FIELDS_LIMIT = 4096
"""bytes that a caller's own fields may take as JSON; they come back in every event"""
OWN_DEPTH_LIMIT = 32
JSON_LIMIT = 1 << 20
"""bytes; more would hold up the loop while it is parsed"""
PROBLEMS_TOLD = 20
"""of one body"""

Body = TypeVar("Body", bound=BaseModel)


async def read_json(request: web.Request, model: type[Body]) -> Body:
    """Read and check a JSON body.

    Raises:
        UnsupportedMedia: it does not call itself JSON.
        InvalidRequest: it is not JSON, or not what the route takes.
        TooLarge: it is longer than this server reads.
    """
    if request.content_type != "application/json":
        raise UnsupportedMedia("send the body as JSON, with Content-Type: application/json")
    content = await request.read()
    if len(content) > JSON_LIMIT:
        raise TooLarge(f"a JSON body may have {JSON_LIMIT} bytes, not {len(content)}; send less")
    try:
        return model.model_validate(json.loads(content, parse_constant=_refuse, parse_float=_finite))
    except ValidationError as error:
        raise InvalidRequest(plain_problems(error, model)) from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from error


def check_own_fields(fields: Mapping[str, Any]) -> None:
    """See that a caller's own fields are few, and can be written into events.

    Raises:
        InvalidRequest: they are nested too deep for that.
        TooLarge: they are many, or long.
    """
    if _is_deeper(fields, OWN_DEPTH_LIMIT):
        raise InvalidRequest(f"fields of your own may be nested {OWN_DEPTH_LIMIT} deep; send simpler ones")
    if len(json.dumps(fields)) > OWN_FIELDS_LIMIT:
        raise TooLarge(f"fields of your own may take {OWN_FIELDS_LIMIT} bytes; send less")


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether something has more objects and lists in each other than so many."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON's")


def _finite(number: str) -> float:
    """Read a number; one that is too large would come back in events as what is no JSON."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number[:40]} is too large a number")
    return value


def plain_problems(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """Where something is wrong, and what; of many, which take long to tell, how many."""
    count = error.error_count()
    if count > PROBLEMS_TOLD:
        return f"{count} fields are wrong or unknown; send only those that are described"
    problems = error.errors()
    return "; ".join(f"{place(each['loc']) or 'body'}: {fault(each, model)}" for each in problems)
