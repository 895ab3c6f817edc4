"""RTMP towards a server that means no good, or none at all."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from livetalk.transports.rtmp import line, publisher
from livetalk.transports.rtmp.amf import Value, encode
from livetalk.transports.rtmp.chunks import CHUNK, Kind, Message, chunked
from livetalk.transports.rtmp.output import RtmpOutput
from livetalk.transports.rtmp.publisher import HELLO, VERSION
from tests.transports.flashes import OPTIONS, ByHand
from tests.waiting import until

KEY = "live_4711?user=somebody&token=hid%21den"
DRIP_S = 0.05

Play = Callable[[socket.socket], object]


@contextmanager
def pushing_to(play: Play) -> Iterator[RtmpOutput]:
    """Push to a server that does `play` with each that connects."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    taken, _ = listening.accept()
                except OSError:
                    return
                with taken, contextlib.suppress(OSError):  # the client hung up
                    taken.settimeout(20.0)
                    play(taken)

        server = threading.Thread(target=serve)
        server.start()
        pushed = RtmpOutput(f"rtmp://127.0.0.1:{listening.getsockname()[1]}/app/{KEY}", OPTIONS)
        pushed.start(ByHand())
        try:
            yield pushed
        finally:
            pushed.stop()
            listening.shutdown(socket.SHUT_RDWR)
            server.join()


def greet(client: socket.socket) -> None:
    """The server's side of the handshake."""
    with client.makefile("rb") as received:
        hello = received.read(1 + HELLO)
        client.sendall(bytes([VERSION]) + bytes(HELLO) + hello[1:])
        received.read(HELLO)
    client.sendall(chunked(Message(Kind.CHUNK_SIZE, CHUNK.to_bytes(4, "big"))))


def answer(client: socket.socket, *values: Value) -> None:
    """Send a command, and stay until the client leaves."""
    client.sendall(chunked(Message(Kind.COMMAND, encode(*values))))
    while client.recv(1 << 16):
        pass


def drip(client: socket.socket) -> None:
    """A byte now and then, the first of them right."""
    client.sendall(bytes([VERSION]))
    while True:
        time.sleep(DRIP_S)
        client.sendall(b"\0")


def test_a_server_that_greets_a_byte_at_a_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "STALL_S", 1.0)
    with pushing_to(drip) as pushed:
        until(lambda: pushed.status().state == "waiting")
        assert pushed.status().detail.endswith(": it does not answer")


def test_a_server_of_another_kind_is_told_by_its_first_byte() -> None:
    def speak_http(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        while client.recv(1 << 16):
            pass

    with pushing_to(speak_http) as pushed:
        until(lambda: pushed.status().state == "waiting", line.STALL_S / 2)
        assert pushed.status().detail.endswith(": it answers with what is no RTMP")


def test_what_a_server_says_is_shown_without_secrets_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = "\x1b[31mno\r\n token hid!den (hid%21den) of somebody for live_4711" + " never" * 1000

    def refuse(client: socket.socket) -> None:
        greet(client)
        answer(client, "_error", 1.0, None, {"level": "error", "description": said})

    with pushing_to(refuse) as pushed:
        until(lambda: pushed.status().state == "waiting")
        detail = pushed.status().detail
    assert "the server refused: [31mno token ... (...) of ... for ..." in detail
    assert detail.isprintable()
    assert len(detail) < 400
    for secret in ("hid", "somebody", "4711"):
        assert secret not in detail + caplog.text
