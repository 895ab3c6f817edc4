from __future__ import annotations

import itertools
import logging
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.errors import BenchError
from bench.stream_server import Nginx, free_port, pulled, running
from livetalk.errors import OutputError
from livetalk.protocols import Tick, VideoFormat
from livetalk.registry import make_output
from livetalk.transports.backoff import Backoff
from livetalk.transports.rtmp import line, output
from livetalk.transports.rtmp.chunks import Message
from livetalk.transports.rtmp.output import RtmpOutput
from livetalk.transports.rtmp.publisher import Publisher
from livetalk.transports.rtmp.target import parse_target
from livetalk.transports.synthetic import NOTE
from livetalk.types import FRAME_S
from tests.transports.certificate import certificate
from tests.transports.flashes import OPTIONS, ByHand, Watched, broadcasting
from tests.transports.stream_server import ListeningFfmpeg
from tests.waiting import LIMIT_S, until

KEY = "live_4711_very-secret?token=hidden"
SOON_S = 3.0


class Counter:
    """Another reader of the same broadcast: it must not notice any of this."""

    def __init__(self) -> None:
        self.format: VideoFormat | None = None
        self.wants_opus = False
        self.key_frame_s: float | None = None
        self.ticks: list[int] = []
        self.arrived: list[float] = []

    def take(self, tick: Tick) -> None:
        """Note it."""
        self.ticks.append(tick.frame.tick)
        self.arrived.append(time.monotonic())

    def unharmed(self) -> bool:
        """Whether its ticks came without a pause that anybody would see."""
        return float(np.diff(self.arrived).max()) < 1.0

    def longest_step_s(self) -> float:
        """Of its ticks: more than 40 ms, where the machine stood still."""
        return float(np.diff(self.ticks).max()) * FRAME_S


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nginx]:
    try:
        made = Nginx(tmp_path / "nginx")
    except BenchError as error:
        pytest.skip(str(error))
    with running(made):
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a server that hangs after a second."""
    monkeypatch.setattr(line, "STALL_S", 1.0)
    monkeypatch.setattr("livetalk.transports.rtmp.publisher.STALL_S", 1.0)


@contextmanager
def pushing(url: str) -> Iterator[tuple[RtmpOutput, Counter]]:
    """Push a broadcast of flashes; it ends within a worker's time, whatever happens."""
    counter = Counter()
    with broadcasting() as cast:
        cast.add(counter)
        pushed = RtmpOutput(url, OPTIONS)
        pushed.start(cast)
        try:
            yield pushed, counter
        finally:
            pushed.stop()
            assert pushed.status().state == "stopped"


def state(pushed: RtmpOutput, wanted: str) -> None:
    """Wait for it."""
    until(lambda: pushed.status().state == wanted)


@pytest.mark.slow
def test_a_stream_arrives_without_gaps_and_in_time(server: Nginx, tmp_path: Path) -> None:
    with pushing(server.url("face")) as (pushed, counter):
        state(pushed, "live")
        pulled(server.pull("face", 15, tmp_path / "pulled.flv"))
        status = pushed.status()
    seen = Watched(tmp_path / "pulled.flv")
    assert seen.codecs == ["aac", "h264"]
    assert seen.length_s > 12
    assert len(seen.flashes_s) >= 12
    assert np.abs(seen.offsets_s).max() < 0.04
    assert seen.longest_step_s < counter.longest_step_s() + 0.002
    assert seen.sound_gap_s < 0.002
    assert (status.dropped, status.reconnects, status.detail) == (0, 0, "")


def test_a_stream_is_delivered_to_its_end_and_says_that_it_is_synthetic(tmp_path: Path) -> None:
    target = tmp_path / "taken.flv"
    with ListeningFfmpeg(target) as server:
        with pushing(server.url) as (pushed, _):
            until(lambda: pushed.status().ticks > 50)
        server.wait()
    seen = Watched(target)
    assert len(seen.shown_s) == pushed.status().ticks
    assert seen.heard_s == pytest.approx(pushed.status().ticks * FRAME_S, abs=FRAME_S)
    assert seen.comment == NOTE


def test_a_server_that_dies_is_found_again(server: Nginx, tmp_path: Path) -> None:
    with pushing(server.url(KEY)) as (pushed, counter):
        state(pushed, "live")
        server.kill()
        state(pushed, "waiting")
        assert pushed.status().detail
        server.start()
        state(pushed, "live")
        pulled(server.pull(KEY, 4, tmp_path / "pulled.flv"))
        assert pushed.status().reconnects == 1
    seen = Watched(tmp_path / "pulled.flv")
    assert np.abs(seen.offsets_s).max() < 0.04
    assert counter.unharmed()


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
    monkeypatch.setattr(output, "STEADY_S", steady_s)
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


def test_another_server_takes_a_stream_that_is_hours_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "taken.flv"
    send = Publisher.send

    def later(self: Publisher, messages: Iterable[Message]) -> None:
        send(self, [replace(each, timestamp=each.timestamp + 0xFFFFFF - 1000) for each in messages])

    monkeypatch.setattr(Publisher, "send", later)
    with ListeningFfmpeg(target) as server:
        with pushing(server.url) as (pushed, counter):
            until(lambda: pushed.status().ticks > 75)
        server.wait()
    seen = Watched(target)
    assert len(seen.shown_s) == pushed.status().ticks
    assert seen.longest_step_s < counter.longest_step_s() + 0.002
    assert np.abs(seen.offsets_s).max() < 0.04


def test_a_stream_begins_anew_before_its_time_stamps_end(
    server: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LONGEST", 30)
    with pushing(server.url("face")) as (pushed, _):
        until(lambda: pushed.status().reconnects == 1)
        state(pushed, "waiting")
        assert pushed.status().detail.endswith("the stream begins anew")


@contextmanager
def tls_before(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port with TLS that leads to another: what stands before a server of rtmps."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threads: list[threading.Thread] = []

        def carry(source: socket.socket, target: socket.socket) -> None:
            try:
                while received := source.recv(1 << 16):
                    target.sendall(received)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                return

        def serve() -> None:
            try:
                raw, _ = listening.accept()
                with (
                    context.wrap_socket(raw, server_side=True) as outside,
                    socket.create_connection(("127.0.0.1", port)) as inside,
                ):
                    back = threading.Thread(target=carry, args=(inside, outside))
                    back.start()
                    carry(outside, inside)
                    back.join()
            except OSError:
                return  # the client did not trust it

        threads.append(threading.Thread(target=serve))
        threads[0].start()
        yield int(listening.getsockname()[1])
        threads[0].join()


def test_rtmps_is_encrypted_and_needs_a_certificate_that_is_trusted(
    server: Nginx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    with (
        tls_before(server.port, context) as port,
        pushing(f"rtmps://localhost:{port}/live/face") as (pushed, _),
    ):
        state(pushed, "waiting")
        assert "certificate verify failed" in pushed.status().detail
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with (
        tls_before(server.port, context) as port,
        pushing(f"rtmps://localhost:{port}/live/face") as (pushed, _),
    ):
        state(pushed, "live")
        pulled(server.pull("face", 3, tmp_path / "pulled.flv"))
    assert np.abs(Watched(tmp_path / "pulled.flv").offsets_s).max() < 0.04


@pytest.mark.parametrize(
    ("url", "app", "key"),
    [
        ("rtmp://host/live/secret?a=b", "live", "secret?a=b"),
        ("rtmp://host/app/_definst_/secret", "app/_definst_", "secret"),
        ("rtmp://host/mystream/?user=me", "mystream", "?user=me"),
    ],
)
def test_a_key_is_what_follows_the_last_slash(url: str, app: str, key: str) -> None:
    target = parse_target(url)
    assert (target.app, target.key) == (app, key)
    assert target.without_key("it says nothing") == "it says nothing"


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("rtmp:///live/secret", "lacks its host"),
        ("rtmp://host", "lacks its application or its stream key"),
        ("rtmp://host/secret", "lacks its application or its stream key"),
        ("rtmp://host:port/live/secret", "bad host or port"),
        ("rtmp://user:secret@host/live/key", "has no user before its host"),
        ("rtmp:host/live/secret", "lacks its host"),
    ],
)
def test_a_bad_target_is_refused_and_not_repeated(target: str, wrong: str) -> None:
    with pytest.raises(OutputError, match=wrong) as refused:
        make_output(target, OPTIONS)
    assert "secret" not in str(refused.value)


def test_a_target_s_last_part_is_its_key() -> None:
    made = make_output("RTMPS://[::1]/app/instance/key?a=b", OPTIONS)
    assert isinstance(made, RtmpOutput)
    target = made._target
    assert (target.host, target.port, target.app, target.key) == ("::1", 443, "app/instance", "key?a=b")
    assert target.address == "rtmps://[::1]/app/instance"
