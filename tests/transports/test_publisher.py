"""The client's side of RTMP against a server that a test plays word by word."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait

import pytest

from livetalk.errors import OutputError
from livetalk.transports.rtmp import publisher as module
from livetalk.transports.rtmp.amf import Value, decode, encode
from livetalk.transports.rtmp.chunks import ChunkReader, Kind, Message, chunked
from livetalk.transports.rtmp.line import Line
from livetalk.transports.rtmp.publisher import HELLO, PING, PONG, VERSION, Publisher
from livetalk.transports.rtmp.target import parse_target
from tests.fakes import WAIT_S, background
from tests.waiting import until

KEY = "face?token=hidden"
PUBLISHING: Value = {"level": "status", "code": "NetStream.Publish.Start"}


class Server:
    """One connection's other side."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._line: socket.socket | None = None
        self._reader = ChunkReader()
        self._heard: list[Message] = []
        self.said = 0
        """bytes since the handshake"""

    @property
    def url(self) -> str:
        """What to publish to."""
        return f"rtmp://127.0.0.1:{self._listening.getsockname()[1]}/live/{KEY}"

    def greet(self, *messages: Message, hello: bytes = bytes([VERSION]) + bytes(HELLO)) -> None:
        """Take a client, and shake hands; the messages come in the same breath."""
        self._line, _ = self._listening.accept()
        self._line.settimeout(WAIT_S)
        theirs = self._read(1 + HELLO)
        more = b"".join(map(chunked, messages))
        self.said += len(more)
        self._line.sendall(hello + theirs[1:] + more)
        if hello[:1] == bytes([VERSION]):
            self._read(HELLO)

    def say(self, *messages: Message) -> None:
        """Send them."""
        assert self._line is not None
        sent = b"".join(map(chunked, messages))
        self.said += len(sent)
        self._line.sendall(sent)

    def answer(self, *values: Value) -> None:
        """Send a command."""
        self.say(Message(Kind.COMMAND, encode(*values)))

    def hear(self, kind: Kind) -> Message:
        """The next message of a kind; those before it are passed over."""
        assert self._line is not None
        while True:
            while self._heard:
                if (message := self._heard.pop(0)).kind == kind:
                    return message
            received = self._line.recv(1 << 16)
            assert received, f"it hung up before it sent {kind.name}"
            self._heard += self._reader.push(received)

    def asked(self, name: str) -> list[Value]:
        """The next command of a name."""
        while (command := decode(self.hear(Kind.COMMAND).payload))[0] != name:
            pass
        return command

    def connect(self) -> None:
        """Let it go on to its stream."""
        self.asked("connect")
        self.answer("_result", 1, None, None)

    def publish(self, stream: Value = 7.0) -> None:
        """Let it send."""
        self.asked("createStream")
        self.answer("_result", 4, None, stream)
        self.asked("publish")
        self.answer("onStatus", 0, None, PUBLISHING)

    def hang_up(self) -> None:
        """End the connection."""
        for each in (self._line, self._listening):
            if each is not None:
                each.close()

    def _read(self, length: int) -> bytes:
        assert self._line is not None
        received = b""
        while len(received) < length:
            received += self._line.recv(length - len(received))
        return received


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.hang_up()


@pytest.fixture
def publisher(server: Server) -> Iterator[Publisher]:
    publisher = Publisher(parse_target(server.url))
    yield publisher
    publisher.cut()
    publisher.close()


@pytest.fixture
def opening(publisher: Publisher) -> Future[None]:
    """The client while it asks."""
    return background(publisher.open)


def window(count: int) -> Message:
    return Message(Kind.WINDOW, struct.pack(">I", count))


def test_what_it_sends_belongs_to_the_stream_that_was_made_for_it(
    server: Server, publisher: Publisher, opening: Future[None]
) -> None:
    server.greet()
    server.connect()
    server.publish(7.0)
    opening.result(WAIT_S)
    publisher.send([Message(Kind.SOUND, b"sound", 40)])
    assert server.hear(Kind.SOUND) == Message(Kind.SOUND, b"sound", stream=7)
    finishing = background(publisher.finish)
    assert server.asked("FCUnpublish")[3] == KEY
    assert server.asked("deleteStream")[3] == 7.0
    server.hang_up()
    finishing.result(WAIT_S)


@pytest.mark.usefixtures("publisher")
def test_a_server_is_told_how_much_came_from_its_first_word_on(server: Server, opening: Future[None]) -> None:
    server.greet(window(1), Message(Kind.DATA, bytes(100)))
    (told,) = struct.unpack(">I", server.hear(Kind.ACKNOWLEDGEMENT).payload)
    assert told == server.said
    server.connect()
    server.publish()
    opening.result(WAIT_S)


def test_a_ping_is_answered_with_what_it_carried(
    server: Server, publisher: Publisher, opening: Future[None]
) -> None:
    server.greet()
    server.connect()
    server.publish()
    opening.result(WAIT_S)
    server.say(Message(Kind.USER_CONTROL, PING + b"1234"))
    hearing = background(lambda: server.hear(Kind.USER_CONTROL))

    def listens() -> bool:
        publisher.send([])
        return hearing.done()

    until(listens)
    assert hearing.result(0.0).payload == PONG + b"1234"


def test_a_server_that_only_chatters_is_given_up(
    server: Server, opening: Future[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALL_S", 0.3)
    server.greet()
    for _ in range(100):
        server.say(Message(Kind.USER_CONTROL, PING + b"1234"))
        if wait([opening], 0.05).done:
            break
    assert opening.done()
    assert isinstance(opening.exception(0.0), TimeoutError)


def test_what_speaks_no_rtmp_is_told(server: Server, opening: Future[None]) -> None:
    server.greet(hello=b"HTTP/1.1 400 Bad Request\r\n\r\n".ljust(1 + HELLO))
    with pytest.raises(OutputError, match="no RTMP"):
        opening.result(WAIT_S)


@pytest.mark.parametrize("stream", ["seven", -1.0, 2.0**32, None])
def test_a_stream_without_a_number_is_no_rtmp(server: Server, opening: Future[None], stream: Value) -> None:
    server.greet()
    server.connect()
    server.asked("createStream")
    server.answer("_result", 4, None, stream)
    with pytest.raises(OutputError, match="no RTMP"):
        opening.result(WAIT_S)


@pytest.mark.parametrize(
    "refuse",
    [
        lambda server: server.answer("_error", 1, None, {"description": "no room for face?token=hidden"}),
        lambda server: server.answer("onStatus", 0, None, {"level": "error", "code": "face is taken"}),
    ],
    ids=["error", "status"],
)
def test_a_refusal_is_told_without_the_key_or_its_name(
    server: Server, opening: Future[None], refuse: Callable[[Server], None]
) -> None:
    server.greet()
    server.asked("connect")
    refuse(server)
    with pytest.raises(OutputError, match=r"the server refused: (no room for \.\.\.|\.\.\. is taken)$"):
        opening.result(WAIT_S)


def test_an_error_of_what_is_not_waited_for_is_no_refusal(server: Server, opening: Future[None]) -> None:
    server.greet()
    server.connect()
    server.answer("_error", 2, None, {"description": "no such method"})
    server.publish()
    opening.result(WAIT_S)


def test_each_address_of_a_name_is_tried(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        closed = gone.getsockname()
    there = server._listening.getsockname()
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in (closed, there)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    line = Line("two.example", 1935, secure=False)
    line.open()
    line.close()
