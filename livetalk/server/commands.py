"""Commands: what a socket or a data channel may ask of its session, one JSON object each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from livetalk.errors import InvalidRequest, TooLarge
from livetalk.server.requests import plain_problems
from livetalk.session import Session

COMMAND_LIMIT = 1 << 16
"""characters of one command"""


class Say(BaseModel):
    """Speak a text as it is, or answer it."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["echo", "chat"]
    text: str
    voice: str = Field("", max_length=100)
    interrupt: bool = False


class Simple(BaseModel):
    """Stop speaking; or answer what is being said into a microphone."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["interrupt", "end_turn"]


Command = Annotated[Say | Simple, Field(discriminator="type")]
_COMMANDS: TypeAdapter[Say | Simple] = TypeAdapter(Command)


def obey(session: Session, said: str, text_limit: int) -> None:
    """Do what a command asks.

    Raises:
        RequestError: it is none, or it cannot be done now; says why.
    """
    if len(said) > COMMAND_LIMIT:
        raise TooLarge(f"a command may have {COMMAND_LIMIT} characters; send less")
    try:
        command = _COMMANDS.validate_json(said)
    except ValidationError as error:
        raise InvalidRequest(plain_problems(error)) from error
    if isinstance(command, Simple):
        (session.interrupt if command.type == "interrupt" else session.conversation.finish)()
        return
    if len(command.text) > text_limit:
        raise TooLarge(f"a text may have {text_limit} characters, not {len(command.text)}; send it in parts")
    if command.interrupt:
        session.interrupt()
    speak = session.conversation.chat if command.type == "chat" else session.say
    speak(command.text, command.voice)


__all__ = ["obey"]
