"""What is pushed to a stream server arrives whole, in time, and again after it was lost."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.stream_server import Nginx, pulled
from livetalk.transports.rtmp import output
from livetalk.transports.rtmp.chunks import Message
from livetalk.transports.rtmp.publisher import Publisher
from livetalk.transports.synthetic import NOTE
from livetalk.types import FRAME_S
from tests.transports.certificate import certificate
from tests.transports.flashes import Watched
from tests.transports.pushing import pushing, state
from tests.transports.stream_server import ListeningFfmpeg
from tests.waiting import until

KEY = "live_4711_very-secret?token=hidden"


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
