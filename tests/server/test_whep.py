"""WHEP over HTTP, with aiortc as the player; a player not written here is in tests/e2e."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiortc import RTCSessionDescription

from livetalk.transports.webrtc.bounds import MOST_CANDIDATES
from livetalk.transports.webrtc.sections import MOST_SECTIONS
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


@dataclass
class Player(Viewer):
    """Watches a session that is there already."""

    location: str = ""
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def offer(self) -> str:
        """An SDP offer that receives both kinds."""
        self.connection.on("track", self._receive)
        for kind in ("video", "audio"):
            self.connection.addTransceiver(kind, direction="recvonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def watch(self, session_id: str) -> None:
        """Post the offer, and begin to receive."""
        async with self.client.post(
            f"/whep/{session_id}", data=await self.offer(), headers={**SDP, **self.headers}
        ) as response:
            text = await response.text()
            assert response.status == 201, text
            assert response.content_type == "application/sdp"
            self.location, self.etag = response.headers["Location"], response.headers["ETag"]
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))

    async def leave(self) -> int:
        """Delete what the offer made; the status comes back."""
        async with self.client.delete(self.location, headers=self.headers) as response:
            return response.status


@pytest.fixture
async def player(client: Client) -> AsyncIterator[Player]:
    player = Player(client)
    yield player
    await player.close()


async def opened(client: Client) -> str:
    """The id of a session that nobody watches yet."""
    async with client.post("/sessions", json={}) as response:
        assert response.status == 200
        return str((await response.json())["data"]["sessionid"])


async def test_a_player_sees_and_hears_a_session(client: Client, player: Player) -> None:
    player.session_id = await opened(client)
    await player.watch(player.session_id)
    assert player.location.startswith(f"/whep/{player.session_id}/")
    await within(player.seen.wait())
    assert await player.say("word " * 10) == 200
    await within(player.loud.wait())


async def test_a_session_lives_as_long_as_anybody_watches_it(
    client: Client, service: FakeService, viewer: Viewer
) -> None:
    first, second = Player(client), Player(client)
    await first.watch(viewer.session_id)
    await second.watch(viewer.session_id)
    await within(second.seen.wait())
    await viewer.close()
    assert await first.leave() == 200
    second.seen.clear()
    await within(second.seen.wait())
    assert len(service.sessions) == 1
    assert await second.leave() == 200
    await until(lambda: len(service.sessions) == 0)
    for player in (first, second):
        await player.close()


async def test_viewers_of_a_session_share_one_encoder(
    client: Client, service: FakeService, viewer: Viewer
) -> None:
    players = [Player(client) for _ in range(3)]
    for player in players:
        await player.watch(viewer.session_id)
        await within(player.seen.wait())
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 1.0' in service.metrics.text()
    for player in players:
        await player.close()


async def test_one_viewer_more_than_may_is_told_to_come_back(start: Start) -> None:
    client = await start(max_viewers=1)
    session_id = await opened(client)
    first, second = Player(client), Player(client)
    await first.watch(session_id)
    async with client.post(f"/whep/{session_id}", data=await second.offer(), headers=SDP) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
    for player in (first, second):
        await player.close()


async def test_a_session_that_nobody_comes_to_is_given_up(
    start: Start, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.05)
    client = await start(connect_limit_s=0.2)
    await opened(client)
    assert len(service.sessions) == 1
    await until(lambda: len(service.sessions) == 0)


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/whep/0", SDP, "v=0", 404),
        ("/whep/{session}", {"Content-Type": "application/json"}, "{}", 415),
        ("/whep/{session}", SDP, "this is no SDP", 400),
        ("/whep/{session}", SDP, "", 400),
        ("/whep/{session}", SDP, "a" * 300_000, 413),
    ],
)
async def test_what_cannot_be_answered_is_refused_and_takes_nobody_s_place(
    start: Start, path: str, headers: dict[str, str], body: str, status: int
) -> None:
    client = await start(max_viewers=1)
    session_id = await opened(client)
    async with client.post(path.format(session=session_id), data=body, headers=headers) as response:
        assert response.status == status
        assert (await response.json())["msg"]
    player = Player(client)
    await player.watch(session_id)
    await within(player.seen.wait())
    await player.close()


def candidates(count: int) -> str:
    """Lines of an offer that name so many places."""
    return "".join(f"a=candidate:{n} 1 udp {2000 - n} 192.0.2.7 {n + 1} typ host\r\n" for n in range(count))


@pytest.mark.parametrize(
    ("line", "instead", "why"),
    [
        ("a=ice-ufrag", candidates(MOST_CANDIDATES + 1) + "a=ice-ufrag", "more than 200 candidates"),
        ("a=fingerprint", "a=nothing", "no fingerprint"),
        ("m=video", "m=audio 9 RTP/AVP 0\r\n" * MOST_SECTIONS + "m=video", "more than 32 sections"),
        ("a=setup:actpass", "a=setup:holdconn", "cannot be answered"),
    ],
)
async def test_a_refused_offer_leaves_the_session_as_it_was(
    client: Client, player: Player, service: FakeService, line: str, instead: str, why: str
) -> None:
    player.session_id = await opened(client)
    offer = await player.offer()
    wrong = offer.replace(line, instead, 1) if "candidate" in instead else offer.replace(line, instead)
    async with client.post(f"/whep/{player.session_id}", data=wrong, headers=SDP) as response:
        assert response.status == 400
        assert why in (await response.json())["msg"]
    assert len(service.sessions) == 1
    async with client.post(f"/whep/{player.session_id}", data=offer, headers=SDP) as response:
        assert response.status == 201
        await player.connection.setRemoteDescription(RTCSessionDescription(await response.text(), "answer"))
    await within(player.seen.wait())


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_methods_kept_for_later_are_a_405(client: Client, player: Player, method: str) -> None:
    session_id = await opened(client)
    await player.watch(session_id)
    for path in (f"/whep/{session_id}", player.location):
        async with client.request(method, path) as response:
            assert response.status == 405
            assert "OPTIONS" in response.headers["Allow"]


async def test_options_tell_what_may_be_sent(client: Client) -> None:
    async with client.options("/whep/0") as response:
        assert response.status == 204
        assert response.headers["Accept-Post"] == "application/sdp"


async def test_a_page_elsewhere_that_is_listed_may_play(start: Start) -> None:
    client = await start(cors_origins=("https://player.example",))
    asking = {"Origin": "https://player.example", "Access-Control-Request-Method": "POST"}
    async with client.options("/whep/0", headers=asking) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == "https://player.example"
        assert {"DELETE", "PATCH"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
        assert "Location" in response.headers["Access-Control-Expose-Headers"]
    async with client.options("/whep/0", headers={"Origin": "https://other.example"}) as response:
        assert response.status == 403


async def test_the_token_is_asked_of_every_method_but_options(start: Start) -> None:
    client = await start(token="secret")
    for method, path in (("POST", "/whep/0"), ("PATCH", "/whep/0/0"), ("DELETE", "/whep/0/0")):
        async with client.request(method, path) as response:
            assert response.status == 401, method
    async with client.options("/whep/0") as response:
        assert response.status == 204
    allowed = {"Authorization": "Bearer secret"}
    async with client.post("/sessions", json={}, headers=allowed) as response:
        session_id = (await response.json())["data"]["sessionid"]
    player = Player(client, headers=allowed)
    await player.watch(session_id)
    await within(player.seen.wait())
    assert await player.leave() == 200
    await player.close()


def fragment(ufrag: str, *lines: str) -> str:
    return "\r\n".join([f"a=ice-ufrag:{ufrag}", "a=ice-pwd:x", "m=audio 9 RTP/AVP 0", "a=mid:0", *lines, ""])


def ufrag(player: Player) -> str:
    sdp = player.connection.localDescription.sdp
    return sdp.split("a=ice-ufrag:")[1].split()[0]


GOOD = "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"


async def test_later_candidates_are_taken(client: Client, player: Player) -> None:
    await player.watch(await opened(client))
    body = fragment(ufrag(player), GOOD, "a=end-of-candidates")
    headers = {**FRAGMENT, "If-Match": player.etag}
    async with client.patch(player.location, data=body, headers=headers) as response:
        assert response.status == 204
    await within(player.seen.wait())


async def test_candidates_that_come_one_after_the_other_are_bounded_together(
    client: Client, player: Player
) -> None:
    await player.watch(await opened(client))
    headers = FRAGMENT | {"If-Match": player.etag}
    for count, status in ((MOST_CANDIDATES - 1, 204), (2, 400)):
        body = fragment(ufrag(player), candidates(count))
        async with client.patch(player.location, data=body, headers=headers) as response:
            assert response.status == status


@pytest.mark.parametrize(
    ("headers", "lines", "status"),
    [
        (FRAGMENT, [GOOD], 428),
        ({**FRAGMENT, "If-Match": '"another"'}, [GOOD], 412),
        ({**FRAGMENT, "If-Match": "*"}, [GOOD], 422),
        ({"Content-Type": "text/plain", "If-Match": "{etag}"}, [GOOD], 415),
        ({**FRAGMENT, "If-Match": "{etag}"}, ["a=candidate:nonsense"], 400),
        ({**FRAGMENT, "If-Match": "{etag}"}, [GOOD] * (MOST_CANDIDATES + 1), 400),
    ],
)
async def test_a_patch_that_is_not_of_this_ice_session_is_refused(
    client: Client, player: Player, headers: dict[str, str], lines: list[str], status: int
) -> None:
    await player.watch(await opened(client))
    sent = {name: value.replace("{etag}", player.etag) for name, value in headers.items()}
    body = fragment(ufrag(player), *lines)
    async with client.patch(player.location, data=body, headers=sent) as response:
        assert response.status == status, await response.text()
    await within(player.seen.wait())


async def test_an_ice_restart_is_refused(client: Client, player: Player) -> None:
    await player.watch(await opened(client))
    headers = {**FRAGMENT, "If-Match": player.etag}
    async with client.patch(player.location, data=fragment("another", GOOD), headers=headers) as response:
        assert response.status == 422
    async with client.patch(player.location, data=GOOD, headers=headers) as response:
        assert response.status == 400


async def test_a_viewer_is_ended_once_and_only_by_its_own_address(
    client: Client, service: FakeService, viewer: Viewer, player: Player
) -> None:
    await player.watch(viewer.session_id)
    for path in (f"/whep/{viewer.session_id}/0", f"/whep/0/{player.location.rsplit('/', 1)[1]}"):
        async with client.delete(path) as response:
            assert response.status == 404
    assert await player.leave() == 200
    assert await player.leave() == 404
    assert len(service.sessions) == 1


async def test_viewers_come_and_go_and_leave_nothing(client: Client, service: FakeService) -> None:
    session_id = await opened(client)
    keeper = Player(client)
    await keeper.watch(session_id)

    async def visit(stays: bool) -> None:
        player = Player(client)
        await player.watch(session_id)
        if stays:
            await within(player.seen.wait())
        await player.leave()
        await player.close()

    for _ in range(3):
        await asyncio.gather(*(visit(stays) for stays in (True, True, False, False)))
    session = service.sessions.get(session_id)
    keeper.seen.clear()
    await within(keeper.seen.wait())
    assert len(session.broadcast._readers) == 1
    await keeper.close()
