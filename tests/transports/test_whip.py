from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.errors import OutputError
from livetalk.metrics import Metrics
from livetalk.protocols import Output, OutputOptions, OutputStatus, PlayedFrame, VideoFormat
from livetalk.registry import make_output
from livetalk.transports.backoff import Backoff
from livetalk.transports.feed import Feed
from livetalk.transports.webrtc import endpoint, patience, whip
from livetalk.transports.webrtc.endpoint import Target, ice_servers
from livetalk.transports.webrtc.whip import WhipOutput
from livetalk.types import FPS, FRAME_SAMPLES
from tests.fakes import counted
from tests.node_part import line, needs_werift, node
from tests.waiting import until

WAIT_S = 30.0
OPTIONS = OutputOptions(VideoFormat("h264", 500_000), 48_000)
HABIT_TICKS = 10 * FPS
"""by then werift, which reports once or twice a second, has a habit"""


class Hum:
    """A timeline that plays a hum and a grey face for ever."""

    def start_time(self) -> float:
        """Now."""
        return time.monotonic()

    def commit(self, tick: int) -> PlayedFrame:
        """Some of it."""
        picture = np.full((96, 64), 60 + tick % 100, np.uint8)
        pcm = (3000 * np.sin(np.arange(FRAME_SAMPLES) * 0.1)).astype(np.int16)
        return PlayedFrame(tick, picture, pcm)


@pytest.fixture
def source() -> Iterator[Broadcast]:
    metrics = Metrics()
    cast = Broadcast(Hum(), Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None)
    yield cast
    cast.stop()


@dataclass
class Server:
    """A running one."""

    port: int

    def target(self, path: str, token: str = "") -> str:
        """What to publish to."""
        return f"whip+http://{token}{'@' if token else ''}127.0.0.1:{self.port}/whip/{path}"

    def seen(self) -> dict[str, Any]:
        """What was published."""
        with urlopen(f"http://127.0.0.1:{self.port}/", timeout=WAIT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def hears_both(self) -> bool:
        """Whether a second of sound and pictures came."""
        kinds = self.seen()["kinds"]
        return all(kinds.get(kind, {"packets": 0})["packets"] >= 25 for kind in ("audio", "video"))


@pytest.fixture
def server() -> Iterator[Server]:
    with node("whip_server.mjs") as process:
        yield Server(int(line(process)))


@pytest.fixture
def publish(source: Broadcast) -> Iterator[Callable[[str], Output]]:
    """Start an output; all are stopped at the end."""
    outputs: list[Output] = []

    def start(target: str) -> Output:
        output = make_output(target, OPTIONS)
        output.start(source)
        outputs.append(output)
        return output

    yield start
    for output in outputs:
        output.stop()


def until_told(output: Output, text: str) -> OutputStatus:
    """Wait until its status says so."""
    until(lambda: text in output.status().detail)
    return output.status()


@needs_werift
@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
def test_sound_and_pictures_arrive_evenly_stamped_and_the_end_is_told(source: Broadcast, codec: str) -> None:
    with node("whip_server.mjs", "0", codec) as process:
        server = Server(int(line(process)))
        output = make_output(server.target("private", "the%20token"), OPTIONS)
        output.start(source)
        until(server.hears_both)
        status = output.status()
        assert (status.state, status.detail, status.reconnects) == ("live", "", 0)
        assert status.ticks >= 25
        output.stop()
        seen = server.seen()
    assert seen["posts"][0]["type"] == "application/sdp"
    assert seen["kinds"]["video"]["codec"] == codec
    for kind, step in (("audio", 960), ("video", 3600)):
        steps = seen["kinds"][kind]["steps"]
        assert steps[str(step)] >= 0.9 * sum(steps.values()), (kind, steps)
    assert seen["deletes"] == [{"path": "/resource/1", "authorization": "Bearer the token"}]
    assert output.status().state == "stopped"
    assert not source._readers


@needs_werift
def test_the_offer_only_sends_one_of_each_bundled_and_h264_first(
    server: Server, publish: Callable[[str], Output]
) -> None:
    publish(server.target("live"))
    until(lambda: server.seen()["posts"])
    offer = server.seen()["posts"][0]["offer"]
    assert "authorization" not in server.seen()["posts"][0]
    assert offer.count("a=sendonly") == offer.count("m=") == 2
    assert offer.count("a=rtcp-mux") == 2
    assert "a=group:BUNDLE 0 1" in offer
    assert len({found for found in offer.splitlines() if found.startswith("a=ice-ufrag")}) == 1
    assert offer.index("H264/90000") < offer.index("VP8/90000")
    assert "simulcast" not in offer


@needs_werift
def test_its_media_leave_by_the_ports_that_were_set(server: Server, source: Broadcast) -> None:
    ports = range(41_000, 41_100)
    output = make_output(server.target("live"), replace(OPTIONS, udp_ports=ports))
    output.start(source)
    until(server.hears_both)
    output.stop()
    lines = [line.split() for line in server.seen()["posts"][0]["offer"].splitlines()]
    found = [int(words[5]) for words in lines if words and words[0].startswith("a=candidate:")]
    assert found
    assert set(found) <= set(ports)


@needs_werift
def test_a_relative_location_is_where_the_end_is_told(server: Server, source: Broadcast) -> None:
    output = make_output(server.target("relative"), OPTIONS)
    output.start(source)
    until(lambda: output.status().state == "live")
    output.stop()
    assert [each["path"] for each in server.seen()["deletes"]] == ["/resource/1"]


@needs_werift
def test_a_redirect_is_followed_with_the_token_on_the_same_host_alone(
    server: Server, publish: Callable[[str], Output]
) -> None:
    near = publish(server.target("redirect", "secret"))
    until(lambda: near.status().state == "live")
    far = publish(server.target("far", "secret"))
    until(lambda: far.status().state == "live")
    posts = server.seen()["posts"]
    assert [each["path"] for each in posts] == ["/whip/redirect", "/whip/live", "/whip/far", "/whip/live"]
    assert [each.get("authorization") for each in posts] == [*3 * ["Bearer secret"], None]


@needs_werift
def test_redirects_in_a_circle_are_followed_no_further(
    server: Server, publish: Callable[[str], Output]
) -> None:
    until_told(publish(server.target("round")), "in a circle")
    assert len(server.seen()["posts"]) == endpoint.REDIRECTS


@needs_werift
@pytest.mark.parametrize(
    ("path", "why"), [("denied", "refuses the token (401)"), ("gone", "no WHIP endpoint at that path (404)")]
)
def test_a_refusal_is_told_without_the_token_and_not_asked_again_soon(
    server: Server, publish: Callable[[str], Output], monkeypatch: pytest.MonkeyPatch, path: str, why: str
) -> None:
    monkeypatch.setattr(whip, "Backoff", partial(Backoff, 0.05))
    output = publish(server.target(path, "hunter2"))
    status = until_told(output, why)
    assert status.state == "waiting"
    assert "hunter2" not in status.detail
    assert path not in status.detail
    time.sleep(0.3)
    assert len(server.seen()["posts"]) == 1


@needs_werift
def test_a_server_without_room_is_asked_again_when_it_said(
    server: Server, publish: Callable[[str], Output], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whip, "Backoff", partial(Backoff, 1000.0))
    output = publish(server.target("busy"))
    until_told(output, "no room or is in trouble (503)")
    until(lambda: output.status().state == "live")
    assert output.status().reconnects == 0


@needs_werift
def test_a_server_in_trouble_is_asked_again_after_a_while(
    server: Server, publish: Callable[[str], Output]
) -> None:
    output = publish(server.target("broken"))
    until_told(output, "(500)")
    until(lambda: output.status().state == "live")


@needs_werift
def test_each_attempt_gets_credentials_of_its_own(server: Server, source: Broadcast) -> None:
    asked: list[str] = []

    def relays() -> list[str]:
        asked.append(f"turn:until{len(asked)}:secret@127.0.0.1:9")
        return asked[-1:]

    output = WhipOutput(server.target("broken"), replace(OPTIONS, ice_servers=relays))
    assert len(asked) == 1, "what is malformed is told at once"
    output.start(source)
    until(lambda: output.status().state == "live")
    assert output._peer is not None
    (used,) = output._peer._connection._ice_servers
    output.stop()
    assert used.username == f"until{len(asked) - 1}"
    assert len(asked) == 3, "the first attempt was answered 500"


@needs_werift
def test_an_answer_that_is_no_answer_is_told(server: Server, publish: Callable[[str], Output]) -> None:
    assert until_told(publish(server.target("nonsense")), "cannot be read").state == "waiting"


@needs_werift
def test_a_server_that_does_not_answer_is_given_up_and_stopping_does_not_wait_for_it(
    server: Server, publish: Callable[[str], Output], source: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "ANSWER_LIMIT_S", 0.3)
    until_told(publish(server.target("hang")), "did not answer within")
    monkeypatch.setattr(endpoint, "ANSWER_LIMIT_S", 1000.0)
    output = publish(server.target("hang"))
    until(lambda: len(server.seen()["posts"]) >= 2)
    output.stop()
    assert output.status().state == "stopped"


@needs_werift
def test_it_comes_back_to_a_server_that_was_killed_and_others_read_on(
    source: Broadcast, publish: Callable[[str], Output], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LIMIT_S", 1000.0)  # its habit alone tells that the server is gone
    other = Feed(VideoFormat("vp8", 300_000))
    other.open(source)
    read: list[int] = []
    reading = threading.Thread(target=lambda: read.extend(tick.frame.tick for tick in other.ticks()))
    reading.start()
    try:
        with node("whip_server.mjs") as process:
            first = Server(int(line(process)))
            output = publish(first.target("live"))
            until(lambda: output.status().ticks > HABIT_TICKS)
        assert until_told(output, "was lost").state == "waiting"
        with node("whip_server.mjs", str(first.port)) as process:
            assert int(line(process)) == first.port
            until(first.hears_both)
            assert (output.status().state, output.status().reconnects) == ("live", 1)
            output.stop()
    finally:
        other.close()
        reading.join()
    assert other.dropped == 0
    missed = read[-1] - read[0] + 1 - len(read)
    assert missed <= counted(source._metrics, "ticks_skipped_total"), "more than the machine left out"


def test_nobody_listens_there(publish: Callable[[str], Output]) -> None:
    output = publish("whip+http://127.0.0.1:9/whip")
    assert until_told(output, "cannot be reached").state == "waiting"


def test_stopping_twice_or_before_it_began_does_nothing(source: Broadcast) -> None:
    output = make_output("whip+http://127.0.0.1:9/whip", OPTIONS)
    output.stop()
    output.start(source)
    output.stop()
    output.stop()
    assert output.status().state == "stopped"


@pytest.mark.parametrize(
    "target",
    ["whip+https://", "whip+https:///path", "whip+https://user:secret@host/", "whip+https://%0d%0a@host/"],
)
def test_a_target_of_another_shape_is_refused_with_an_example_and_without_its_secret(target: str) -> None:
    with pytest.raises(OutputError) as refused:
        make_output(target, OPTIONS)
    assert "secret" not in str(refused.value)


def test_a_target_keeps_its_path_and_query_and_loses_its_token() -> None:
    target = Target.parse("whip+https://a%2Fb@example.net/in/1?x=%20y#part")
    assert str(target.url) == "https://example.net/in/1?x=%20y"
    assert target.token == "a/b"
    assert target.name == "https://example.net"


def test_ice_servers_are_read_from_link_headers() -> None:
    servers = ice_servers(
        [
            '<stun:stun.example.net>; rel="ice-server"',
            '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="u,1"; credential="p;2"; '
            'credential-type="password", <https://example.net/next>; rel="next", <stun:b>; rel=ice-server',
        ]
    )
    assert [(each.urls, each.username, each.credential) for each in servers] == [
        ("stun:stun.example.net", None, None),
        ("turn:turn.example.net?transport=udp", "u,1", "p;2"),
        ("stun:b", None, None),
    ]
