"""Stream servers that are away, hang, or refuse: nobody else notices, and stopping waits for none."""

from __future__ import annotations

import itertools
import logging
import signal
import socket
import threading
import time
from collections.abc import Iterable

import pytest

from bench.stream_server import Nginx, free_port
from livetalk.transports import backoff
from livetalk.transports.backoff import Backoff
from livetalk.transports.rtmp import line, output
from livetalk.transports.rtmp.chunks import Message
from livetalk.transports.rtmp.output import RtmpOutput
from livetalk.transports.rtmp.publisher import Publisher
from tests.transports.flashes import OPTIONS, ByHand
from tests.transports.pushing import pushing, state
from tests.waiting import LIMIT_S, until

KEY = "live_4711_very-secret?token=hidden"
SOON_S = 3.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a server that hangs after a second."""
    monkeypatch.setattr(line, "STALL_S", 1.0)
    monkeypatch.setattr("livetalk.transports.rtmp.publisher.STALL_S", 1.0)


def test_a_server_that_is_not_there_is_waited_for_and_no_secret_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    with pushing(f"rtmp://127.0.0.1:{port}/live/{KEY}") as (pushed, counter):
        state(pushed, "waiting")
        until(lambda: len(counter.ticks) > 10)
        detail = pushed.status().detail
        began = time.monotonic()
        pushed.stop()
        assert time.monotonic() - began < 0.5
        assert counter.unharmed()
    assert detail == f"rtmp://127.0.0.1:{port}: Connection refused"
    assert "secret" not in caplog.text + repr(pushed._target)
    assert "hidden" not in caplog.text + repr(pushed._target)


def test_nothing_is_encoded_for_a_server_that_is_not_there() -> None:
    source = ByHand()
    pushed = RtmpOutput(f"rtmp://127.0.0.1:{free_port()}/live/face", OPTIONS)
    pushed.start(source)
    state(pushed, "waiting")
    assert source.readers == []
    pushed.stop()


def test_what_waited_for_a_server_that_was_lost_is_dropped_and_nothing_more_encoded(
    server: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    go_on.set()
    send = Publisher.send

    def held(self: Publisher, messages: Iterable[Message]) -> None:
        assert go_on.wait(LIMIT_S)
        send(self, messages)

    monkeypatch.setattr(Publisher, "send", held)
    source = ByHand()
    pushed = RtmpOutput(server.url("face"), OPTIONS)
    pushed.start(source)
    until(lambda: source.readers)
    source.play(5, lambda: pushed.status().ticks)
    go_on.clear()
    source.play(10, itertools.count().__next__)  # nobody waits until they are taken
    server.kill()
    go_on.set()
    state(pushed, "waiting")
    assert source.readers == []
    sent = pushed.status().ticks
    server.start()
    until(lambda: source.readers)
    assert len(source.readers) == 1
    assert pushed.status().dropped >= 15 - sent - 1, "one may have been lost on its way"
    source.play(5, lambda: pushed.status().ticks)
    state(pushed, "live")
    assert pushed.status().ticks == sent + 5
    pushed.stop()


@pytest.mark.parametrize(("steady_s", "resets"), [(0.0, 1), (1000.0, 0)])
def test_only_after_a_steady_while_a_server_is_soon_asked_again(
    server: Nginx, monkeypatch: pytest.MonkeyPatch, steady_s: float, resets: int
) -> None:
    counted = []

    class Noted(Backoff):
        def __init__(self) -> None:
            super().__init__(0.01, 0.02)

        def reset(self) -> None:
            counted.append(self)
            super().reset()

    monkeypatch.setattr(output, "Backoff", Noted)
    monkeypatch.setattr(backoff, "STEADY_S", steady_s)
    with pushing(server.url("face")) as (pushed, _):
        state(pushed, "live")
        server.kill()
        state(pushed, "waiting")
        until(lambda: "refused" in pushed.status().detail)
    assert len(counted) == resets


def test_a_name_that_does_not_exist_is_told() -> None:
    with pushing("rtmp://no-such-host.invalid/live/face") as (pushed, _):
        state(pushed, "waiting")
        assert pushed.status().detail.startswith("rtmp://no-such-host.invalid: ")


@pytest.mark.usefixtures("quick")
def test_a_server_that_accepts_and_hangs_is_given_up_and_nobody_else_waits() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pushing(f"rtmp://127.0.0.1:{silent.getsockname()[1]}/live/face") as (pushed, counter),
    ):
        state(pushed, "waiting")
        assert pushed.status().detail.endswith(": it does not answer")
        assert counter.unharmed()


def test_stopping_does_not_wait_for_a_server_that_hangs() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pushing(f"rtmp://127.0.0.1:{silent.getsockname()[1]}/live/face") as (pushed, _),
    ):
        taken, _ = silent.accept()
        with taken:
            until(lambda: taken.recv(1))
            began = time.monotonic()
            pushed.stop()
            assert time.monotonic() - began < SOON_S


def test_stopping_does_not_wait_for_a_connection() -> None:
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    crowd = [socket.socket() for _ in range(4)]
    try:
        for each in crowd:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        with pushing(f"rtmp://127.0.0.1:{full.getsockname()[1]}/live/face") as (pushed, counter):
            until(lambda: len(counter.ticks) > 10)
            assert pushed.status().state == "starting"
            began = time.monotonic()
            pushed.stop()
            assert time.monotonic() - began < SOON_S
    finally:
        for each in (full, *crowd):
            each.close()


@pytest.mark.usefixtures("quick")
def test_a_server_that_takes_no_more_is_given_up_and_found_again(server: Nginx) -> None:
    with pushing(server.url("face")) as (pushed, counter):
        state(pushed, "live")
        server.signal(signal.SIGSTOP)
        try:
            until(lambda: pushed.status().state == "waiting", 60.0)
        finally:
            server.signal(signal.SIGCONT)
        state(pushed, "live")
        assert counter.unharmed()


def test_stopping_does_not_wait_for_a_server_that_takes_no_more(
    server: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "QUEUE_BYTES", 4096)
    with pushing(server.url("face")) as (pushed, counter):
        state(pushed, "live")
        server.signal(signal.SIGSTOP)
        try:
            at = len(counter.ticks)
            until(lambda: len(counter.ticks) > at + 50)
            began = time.monotonic()
            pushed.stop()
            assert time.monotonic() - began < output.DRAIN_S + SOON_S
        finally:
            server.signal(signal.SIGCONT)


def test_a_server_that_refuses_is_told_without_the_key(server: Nginx) -> None:
    with pushing(server.url(KEY)) as (first, _):
        state(first, "live")
        with pushing(server.url(KEY)) as (second, _):
            state(second, "waiting")
            assert "the server refused: " in second.status().detail
            assert "secret" not in second.status().detail
        assert first.status().state == "live"


def test_a_server_that_hangs_up_before_the_stream_begins_is_told_with_what_to_check(server: Nginx) -> None:
    with pushing(f"rtmp://127.0.0.1:{server.port}/nobody/{KEY}") as (pushed, _):
        state(pushed, "waiting")
        told = pushed.status().detail
    assert told.endswith("the server hung up; are the application and the key right?")
