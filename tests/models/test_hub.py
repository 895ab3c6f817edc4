from __future__ import annotations

import hashlib
import random
import socket
import threading
from pathlib import Path

import pytest

from livetalk.errors import ModelError
from livetalk.models.catalogue import File
from livetalk.models.hub import ENDPOINT, Hub, Published
from livetalk.models.sets import Source
from tests.models.hub_server import HubServer

CONTENT = random.Random(1).randbytes(3_000_000)


def nobody(label: str, done: int, size: int) -> None:
    """Watches nothing."""


def fetch(hub: Hub, file: File, part: Path) -> bytes:
    assert isinstance(file.source, Source)
    assert file.size is not None
    hub.fetch(file.source, part, file.size, nobody)
    return part.read_bytes()


def put(part: Path, content: bytes) -> None:
    """Have something of an earlier call."""
    part.parent.mkdir()
    part.write_bytes(content)


@pytest.fixture
def hub(server: HubServer) -> Hub:
    return Hub(server.endpoint, pauses_s=())


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "musetalkV15" / "unet.pth.part"


# -- where and who --------------------------------------------------------------------------------


def test_without_anything_set_it_is_the_hub_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert Hub.from_environment() == Hub(ENDPOINT, None)


def test_a_mirror_and_a_token_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hf-mirror.com/")
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert Hub.from_environment() == Hub("https://hf-mirror.com", "secret")


def test_a_mirror_without_a_scheme_is_told_how_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "hf-mirror.com")
    with pytest.raises(ModelError, match=r"https://hf-mirror\.com, not 'hf-mirror\.com'"):
        Hub.from_environment()


@pytest.mark.parametrize(
    "endpoint",
    ["http://[", "http://:80", "http://h:abc", "http://h:99999", "http://a b", "http://a\nb", "ftp://h"],
)
def test_what_cannot_be_an_address_is_refused(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(ModelError, match=r"HF_ENDPOINT is an address such as"):
        Hub.from_environment()


@pytest.mark.parametrize("token", ["two\nlines", "two words", "tök€n"])
def test_what_cannot_be_a_token_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ModelError, match="HF_TOKEN is no token") as refused:
        Hub.from_environment()
    assert token not in str(refused.value)


def test_the_token_goes_to_the_hub_and_not_to_its_store(server: HubServer, part: Path) -> None:
    file = server.add("unet.pth", CONTENT)
    server.faults.renamed = True
    assert fetch(Hub(server.endpoint, "secret"), file, part) == CONTENT
    assert [each.token for each in server.asked("hub")] == ["Bearer secret", "Bearer secret"]
    assert [each.token for each in server.asked("store")] == [None]


# -- asking ---------------------------------------------------------------------------------------


def test_size_and_sum_of_a_large_file_come_from_the_hub_alone(server: HubServer, hub: Hub) -> None:
    file = server.add("unet.pth", CONTENT, known=False)
    server.faults.renamed = True
    assert isinstance(file.source, Source)
    assert hub.ask(file.source) == Published(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert not server.asked("store", "HEAD")


def test_a_mirror_that_only_redirects_says_nothing(server: HubServer, hub: Hub) -> None:
    file = server.add("unet.pth", CONTENT, known=False)
    server.faults.says_nothing = True
    assert isinstance(file.source, Source)
    assert hub.ask(file.source) == Published(None, None)


def test_of_a_small_file_the_hub_knows_the_size(server: HubServer, hub: Hub) -> None:
    file = server.add("musetalk.json", b"{}", known=False)
    assert isinstance(file.source, Source)
    assert hub.ask(file.source) == Published(2, None)


# -- fetching -------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [CONTENT, b"{}"])
def test_a_file_comes_as_it_is(server: HubServer, hub: Hub, part: Path, content: bytes) -> None:
    assert fetch(hub, server.add("unet.pth", content), part) == content


def test_what_is_there_already_is_not_fetched_again(server: HubServer, hub: Hub, part: Path) -> None:
    put(part, CONTENT[:1_000_000])
    assert fetch(hub, server.add("unet.pth", CONTENT), part) == CONTENT
    assert [each.range for each in server.asked("store")] == ["bytes=1000000-"]
    assert fetch(hub, server.add("unet.pth", CONTENT), part) == CONTENT
    assert len(server.asked("store")) == 1


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server: HubServer, hub: Hub, part: Path) -> None:
    server.faults.cuts = [1_000_000, 500_000]
    assert fetch(hub, server.add("unet.pth", CONTENT), part) == CONTENT
    assert [each.range for each in server.asked("store")] == [None, "bytes=1000000-", "bytes=1500000-"]


def test_a_store_that_knows_no_ranges_begins_again(server: HubServer, hub: Hub, part: Path) -> None:
    put(part, b"x" * 1000)
    server.faults.deaf_to_ranges = True
    assert fetch(hub, server.add("unet.pth", CONTENT), part) == CONTENT


def test_a_store_that_always_breaks_at_the_same_place_is_given_up(
    server: HubServer, hub: Hub, part: Path
) -> None:
    server.faults.deaf_to_ranges = True
    server.faults.cuts = [1000] * 10
    with pytest.raises(ModelError, match=r"the connection ended early; what came so far is kept"):
        fetch(hub, server.add("unet.pth", CONTENT), part)
    assert part.stat().st_size == 1000


def test_a_part_that_is_too_long_is_begun_again(server: HubServer, hub: Hub, part: Path) -> None:
    put(part, CONTENT + b"more")
    assert fetch(hub, server.add("unet.pth", CONTENT), part) == CONTENT


def test_it_waits_for_a_hub_that_is_busy_and_then_gives_up(server: HubServer, part: Path) -> None:
    waited: list[float] = []
    hub = Hub(server.endpoint, pauses_s=(1.0, 5.0), pause=waited.append)
    file = server.add("unet.pth", CONTENT)
    server.faults.statuses = [503, 429]
    assert fetch(hub, file, part) == CONTENT
    assert waited == [1.0, 5.0]
    part.unlink()
    server.faults.statuses = [503] * 3
    with pytest.raises(ModelError, match=r"unet\.pth of people/faces .*busy .*HTTP 503.*call again later"):
        fetch(hub, file, part)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"), [(401, "set HF_TOKEN"), (403, "set HF_TOKEN"), (404, "a mirror"), (410, "HTTP 410")]
)
def test_a_refusal_names_the_file_and_what_to_do(
    server: HubServer, hub: Hub, part: Path, status: int, told: str
) -> None:
    file = server.add("unet.pth", CONTENT)
    server.faults.statuses = [status]
    with pytest.raises(ModelError, match=rf"unet\.pth of people/faces .*{told}"):
        fetch(hub, file, part)
    assert not part.parent.exists(), "an empty folder would look like weights"


def test_a_hub_that_says_nothing_is_given_up(server: HubServer, part: Path) -> None:
    server.faults.silent = True
    with pytest.raises(ModelError, match=r"it said nothing for 0\.1 s; what came so far is kept"):
        fetch(Hub(server.endpoint, timeout_s=0.1, pauses_s=()), server.add("unet.pth", CONTENT), part)


def test_a_hub_that_is_not_there_is_named(part: Path, server: HubServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ModelError, match=rf"from {endpoint}: .*refused.*name a mirror in HF_ENDPOINT"):
            fetch(Hub(endpoint, pauses_s=()), server.add("unet.pth", CONTENT), part)


@pytest.mark.parametrize("proxy", ["127.0.0.1:1", "http://[", "http://h:abc", "socks5://127.0.0.1:1", "://"])
def test_a_proxy_that_does_not_work_is_named_by_its_variable(
    part: Path, server: HubServer, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    hub = Hub("http://hub.invalid", pauses_s=())
    with pytest.raises(
        ModelError, match=r"from http://hub\.invalid through the proxy that HTTP_PROXY names: "
    ):
        fetch(hub, server.add("unet.pth", CONTENT), part)


@pytest.mark.parametrize(
    "place", ["http://[", "http://h:abc/", "http://a..b/", "http://\xfc.\xff/", "http://a b/"]
)
def test_a_redirect_to_what_is_no_address_is_told(
    server: HubServer, hub: Hub, part: Path, place: str
) -> None:
    server.faults.location = place
    with pytest.raises(ModelError, match=r"unet\.pth of people/faces could not be fetched"):
        fetch(hub, server.add("unet.pth", CONTENT), part)


def test_a_foreign_reason_is_told_shortly_and_on_one_line(part: Path, server: HubServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = threading.Thread(target=_say, args=(listener, b"\x00\x1b[2J" * 1000 + b"\r\n"))
        said.start()
        hub = Hub(f"http://127.0.0.1:{listener.getsockname()[1]}", pauses_s=())
        with pytest.raises(ModelError, match="could not be fetched") as refused:
            fetch(hub, server.add("unet.pth", CONTENT), part)
        said.join()
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1200


def _say(listener: socket.socket, content: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(10_000)
        connection.sendall(content)


def test_a_page_that_comes_instead_is_not_written(server: HubServer, hub: Hub, part: Path) -> None:
    server.faults.page = b"<html>please log in</html>"
    put(part, CONTENT[:1000])
    with pytest.raises(ModelError, match=r"is not unet\.pth .*26 instead of 3000000; is a proxy"):
        fetch(hub, server.add("unet.pth", CONTENT), part)
    assert part.read_bytes() == CONTENT[:1000]


def test_the_end_of_another_file_is_not_appended(server: HubServer, hub: Hub, part: Path) -> None:
    file = server.add("unet.pth", CONTENT)
    server.files["unet.pth"] = CONTENT + b"more"
    put(part, CONTENT[:1000])
    with pytest.raises(ModelError, match=r"bytes 1000-3000003/3000004 instead of bytes 1000-2999999/3000000"):
        fetch(hub, file, part)
    assert part.stat().st_size == 1000
