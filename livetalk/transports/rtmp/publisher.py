"""Publisher: the client's side of RTMP, as far as sending one stream needs it."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import livetalk
from livetalk.errors import OutputError
from livetalk.transports.rtmp.amf import Value, decode, encode
from livetalk.transports.rtmp.chunks import CHUNK, NO_RTMP, ChunkReader, Kind, Message, chunked
from livetalk.transports.rtmp.line import STALL_S, HungUp, Line
from livetalk.transports.rtmp.target import Target

VERSION = 3
HELLO = 1536
"""bytes of each side's random part of the handshake"""
PING, PONG = b"\0\6", b"\0\7"
"""events of user control"""
CONNECT, CREATE = 1, 4
"""numbers of the commands whose answers are waited for"""


class Publisher:
    """One attempt: `open`, `send` as long as it goes, `finish`. `cut` ends all of them, from any thread."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._line = Line(target.host, target.port, target.scheme == "rtmps")
        self._reader = ChunkReader()
        self._stream = 0
        self._received = self._told = 0
        self._window: int | None = None
        """bytes after which the server wants to hear that they came"""
        self.cut = self._line.cut

    def open(self) -> None:
        """Connect, and ask to send.

        Raises:
            OutputError: the server refused; its reason, without secrets.
            OSError: it cannot be reached, or does not answer.
        """
        self._line.open()
        self._greet()
        name = self._target.key
        self._send([Message(Kind.CHUNK_SIZE, struct.pack(">I", CHUNK))])
        self._command(0, "connect", CONNECT, self._about())
        self._wait(lambda answer: answer[:2] == ["_result", CONNECT])
        self._command(0, "releaseStream", 2, None, name)
        self._command(0, "FCPublish", 3, None, name)
        self._command(0, "createStream", CREATE, None)
        made = self._wait(lambda answer: answer[:2] == ["_result", CREATE])
        self._stream = _integer(made[-1])
        self._command(self._stream, "publish", 5, None, name, "live")
        self._wait(lambda answer: _field(answer, "code") == "NetStream.Publish.Start")

    def send(self, messages: Iterable[Message]) -> None:
        """Send parts of the stream, and hear what the server has to say.

        Raises:
            OutputError: it wants no more.
            OSError: the connection broke, or it takes no more.
        """
        self._send(replace(message, stream=self._stream) for message in messages)
        self._check(self._hear(self._line.receive(wait=False)))

    def finish(self) -> None:
        """Say that the stream ends, and wait until the server has all of it."""
        self._command(0, "FCUnpublish", 6, None, self._target.key)
        self._command(0, "deleteStream", 7, None, self._stream)
        self._line.finish()

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    # -- inside -----------------------------------------------------------------------------------

    def _greet(self) -> None:
        hello = struct.pack(">II", 0, 0) + os.urandom(HELLO - 8)
        self._line.send(bytes([VERSION]) + hello)
        received = b""
        end = time.monotonic() + STALL_S
        while len(received) < 1 + 2 * HELLO:
            if time.monotonic() > end:
                raise TimeoutError
            received += self._line.receive(wait=True)
            if received[0] != VERSION:
                raise OutputError(NO_RTMP)
        self._line.send(received[1 : 1 + HELLO])
        self._check(self._hear(received[1 + 2 * HELLO :]))

    def _about(self) -> Mapping[str, Value]:
        return {
            "app": self._target.app,
            "type": "nonprivate",
            "flashVer": f"FMLE/3.0 (compatible; livetalk/{livetalk.__version__})",
            "tcUrl": self._target.address,
        }

    def _command(self, stream: int, *values: Value) -> None:
        self._send([Message(Kind.COMMAND, encode(*values), stream=stream)])

    def _wait(self, wanted: Callable[[list[Value]], bool]) -> list[Value]:
        """The answer that is wanted."""
        end = time.monotonic() + STALL_S
        while time.monotonic() < end:
            try:
                received = self._line.receive(wait=True)
            except HungUp as error:  # all that some servers say to a name that they do not know
                raise OutputError(f"{error}; are the application and the key right?") from error
            answers = self._check(self._hear(received))
            for answer in answers:
                if wanted(answer):
                    return answer
        raise TimeoutError

    def _check(self, answers: list[list[Value]]) -> list[list[Value]]:
        """The answers, unless the server says in one that it does not want the stream."""
        for answer in answers:
            failed = answer[:1] == ["_error"] and answer[1:2] in ([CONNECT], [CREATE])
            if failed or _field(answer, "level") == "error":
                said = _field(answer, "description") or _field(answer, "code") or "no reason given"
                raise OutputError(f"the server refused: {self._target.plain(str(said))}")
        return answers

    def _hear(self, received: bytes) -> list[list[Value]]:
        """Answer what the protocol asks for; return the commands."""
        commands = []
        self._received += len(received)
        for message in self._reader.push(received):
            if message.kind == Kind.COMMAND:
                commands.append(decode(message.payload))
            elif message.kind == Kind.WINDOW:
                self._window = int.from_bytes(message.payload[:4], "big")
            elif message.kind == Kind.USER_CONTROL and message.payload[:2] == PING:
                self._send([Message(Kind.USER_CONTROL, PONG + message.payload[2:6])])
        if self._window is not None and self._received - self._told >= self._window:
            self._told = self._received
            count = struct.pack(">I", self._received & 0xFFFFFFFF)
            self._send([Message(Kind.ACKNOWLEDGEMENT, count)])
        return commands

    def _send(self, messages: Iterable[Message]) -> None:
        data = b"".join(chunked(message) for message in messages)
        if data:
            self._line.send(data)


def _field(answer: list[Value], name: str) -> Value:
    """A field of the first object in an answer that has it."""
    for value in answer:
        if isinstance(value, Mapping) and name in value:
            return value[name]
    return None


def _integer(value: Value) -> int:
    if not isinstance(value, float) or not 0 <= value < 2**32:
        raise OutputError(NO_RTMP)
    return int(value)


__all__ = ["Publisher"]
