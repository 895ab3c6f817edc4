from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError, SettingsError
from livetalk.remote.calls import Calls, TimeLimits
from livetalk.remote.failures import Endpoint
from livetalk.remote.http import Http, Request, checked_url
from tests.fakes import WAIT_S
from tests.tts.stand_in import StandIn, answering

KEY = "sk-secret"
BODY = bytes(range(256)) * 300


@pytest.fixture
def server() -> Iterator[StandIn]:
    stand_in = StandIn(BODY)
    routes = [
        web.post("/speech", stand_in.sound),
        web.get("/speech", stand_in.sound),
        web.post("/moved", moved(lambda: "/speech?again=1")),
        web.post("/moved-away", moved(lambda: stand_in.url.replace("127.0.0.1", "localhost") + "/speech")),
        web.post("/round", moved(lambda: "/round")),
        web.post("/short", short),
        web.get("/json", answering(lambda: {"a": [1]})),
    ]
    with stand_in.serving(routes):
        yield stand_in


def moved(there: Callable[[], str]) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": there()})

    return answer


async def short(request: web.Request) -> web.StreamResponse:
    """Promises more bytes than come."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"some")
    assert request.transport is not None
    request.transport.close()
    return response


class Asker:
    """Asks by a loop of its own."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self.http = Http(Endpoint("the Acme voice", secrets=(KEY,)), wait_s)
        self._calls = Calls("acme")
        self._calls.at_end(self.http.close)
        self._calls.start()

    def body(self, url: str, **more: Any) -> bytes:
        headers = more.pop("headers", {"Authorization": f"Bearer {KEY}"})
        request = Request(url, headers=headers, **more)
        patience = TimeLimits(WAIT_S, WAIT_S)
        return b"".join(self._calls.stream("it", lambda: self.http.stream(request), patience, Cancellation()))

    def json(self, url: str) -> Any:
        return self._calls.ask("it", lambda: self.http.json(Request(url, "GET")), WAIT_S, Cancellation())

    def error(self, url: str, **more: Any) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            self.body(url, **more)
        assert KEY not in str(caught.value)
        return caught.value

    def close(self) -> None:
        self._calls.stop()


@pytest.fixture
def asker() -> Iterator[Asker]:
    made = Asker()
    yield made
    made.close()


def test_a_body_comes_as_it_was_sent(server: StandIn, asker: Asker) -> None:
    assert asker.body(f"{server.url}/speech", json={"text": "hi"}) == BODY
    assert server.bodies[-1] == b'{"text": "hi"}'
    assert asker.body(f"{server.url}/speech", method="GET", query={"text": "a&b=c"}) == BODY
    assert server.requests[-1].query["text"] == "a&b=c"


def test_connections_are_kept(server: StandIn, asker: Asker) -> None:
    for _ in range(3):
        asker.body(f"{server.url}/speech")
    assert len({each.transport for each in server.requests}) == 1


def test_json_is_read(server: StandIn, asker: Asker) -> None:
    assert asker.json(f"{server.url}/json") == {"a": [1]}
    with pytest.raises(ProviderError, match="no JSON; check tts_url"):
        asker.json(f"{server.url}/speech")


@pytest.mark.parametrize(
    ("status", "retryable", "told"),
    [
        (400, False, r"refused the request \(400\): no, not now"),
        (401, False, "LIVETALK_TTS_KEY"),
        (403, False, "LIVETALK_TTS_KEY"),
        (404, False, "check tts_url"),
        (422, False, "no, not now"),
        (429, True, "asked too often"),
        (500, True, r"failed \(500\): no, not now"),
        (503, True, r"failed \(503\)"),
    ],
)
def test_refusals_say_what_to_check(
    server: StandIn, asker: Asker, status: int, retryable: bool, told: str
) -> None:
    server.faults.status = status
    error = asker.error(f"{server.url}/speech")
    assert error.retryable is retryable
    with pytest.raises(ProviderError, match=told):
        raise error


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ('{"detail": "voice not found"}', ": voice not found"),
        ('{"detail": [{"msg": "field required"}]}', "field required"),
        ("plain\n words", ": plain words"),
        ("<html><h1>Bad</h1></html>", "(400)"),
        (f"your key {KEY} is bad", "your key *** is bad"),
        ("x" * 1_000, "x" * 200),
        ("", "(400)"),
    ],
)
def test_the_servers_own_words_are_told_but_not_all_of_them(
    server: StandIn, asker: Asker, says: str, told: str
) -> None:
    server.faults.status, server.faults.says = 400, says
    error = str(asker.error(f"{server.url}/speech"))
    assert error.endswith(told) or told in error.partition("(400): ")[2]
    assert len(error) < 300


def test_a_server_that_says_how_long_to_wait_is_waited_for(server: StandIn, asker: Asker) -> None:
    server.faults.statuses = [429]
    server.faults.headers = {"Retry-After": "0"}
    assert asker.body(f"{server.url}/speech") == BODY
    assert len(server.requests) == 2


@pytest.mark.parametrize("pause", ["3600", "Fri, 31 Dec 2300 23:59:59 GMT", "soon", ""])
def test_a_pause_that_is_too_long_or_unknown_is_not_waited_for(
    server: StandIn, asker: Asker, pause: str
) -> None:
    server.faults.status = 429
    server.faults.headers = {"Retry-After": pause}
    error = asker.error(f"{server.url}/speech")
    assert error.retryable
    assert "asked too often" in str(error)
    assert len(server.requests) == 1


def test_a_request_follows_to_another_path_of_the_same_server(server: StandIn, asker: Asker) -> None:
    assert asker.body(f"{server.url}/moved", json={"text": "hi"}) == BODY
    assert server.bodies == [b'{"text": "hi"}']


def test_a_key_does_not_follow_to_another_server(server: StandIn, asker: Asker) -> None:
    error = asker.error(f"{server.url}/moved-away")
    assert not server.requests
    assert not error.retryable
    assert "set tts_url to where it is" in str(error)
    assert "localhost" in str(error)


def test_a_server_that_leads_in_circles_is_given_up(server: StandIn, asker: Asker) -> None:
    assert "from one address to the next" in str(asker.error(f"{server.url}/round"))


def test_a_body_that_ends_early_is_no_whole_body(server: StandIn, asker: Asker) -> None:
    error = asker.error(f"{server.url}/short")
    assert error.retryable
    assert "broke off" in str(error)


def test_a_name_that_nobody_knows_is_told(asker: Asker) -> None:
    error = asker.error("http://voice.invalid:8880/speech")
    assert error.retryable
    assert "voice.invalid" in str(error)
    assert "tts_url" in str(error)


def test_the_systems_proxy_is_gone_through_but_not_to_this_machine(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, server.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    outside, inside = Asker(), Asker()
    try:
        assert outside.body("http://voice.invalid/speech") == BODY
        assert server.requests[-1].raw_path == "http://voice.invalid/speech"
        assert inside.body(f"{server.url}/speech") == BODY
        assert server.requests[-1].raw_path == "/speech"
    finally:
        outside.close()
        inside.close()


def test_https_where_there_is_only_http_is_told(server: StandIn, asker: Asker) -> None:
    error = asker.error(server.url.replace("http", "https") + "/speech")
    assert "http or https" in str(error)
    assert "127.0.0.1:" in str(error)


def test_a_header_with_a_line_break_is_refused(server: StandIn, asker: Asker) -> None:
    assert "cannot be asked" in str(asker.error(f"{server.url}/speech", headers={"X-Bad": f"a\r\nb {KEY}"}))


@pytest.mark.parametrize("url", ["", "localhost:80", "ftp://a/b", "http://", "http://a b/", "http://[::1"])
def test_what_is_no_address_is_refused_by_the_settings_name(url: str) -> None:
    with pytest.raises(SettingsError, match="tts_url"):
        checked_url("tts_url", url)


def test_an_address_loses_the_slash_at_its_end() -> None:
    assert checked_url("tts_url", "http://a:1/v1/") == "http://a:1/v1"
