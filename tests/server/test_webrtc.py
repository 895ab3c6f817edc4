from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from livetalk import memory
from livetalk.broadcast.broadcast import Broadcast
from livetalk.errors import StageError
from livetalk.transports.webrtc import patience
from livetalk.transports.webrtc.peer import Peer
from livetalk.transports.webrtc.tracks import PacketTrack
from tests.fakes import SIZE, FakeAvatar
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within


async def test_a_browser_sees_pictures_and_hears_what_it_has_said(viewer: Viewer) -> None:
    await within(viewer.seen.wait())
    assert await viewer.say("word " * 10) == 200
    await within(viewer.loud.wait())
    assert viewer.pictures > 0


async def test_a_listener_gets_sound_alone(client: Client) -> None:
    listener = Viewer(client)
    await listener.connect(kinds=("audio",))
    assert await listener.say("word " * 10) == 200
    await within(listener.loud.wait())
    assert listener.pictures == 0
    await listener.close()


async def test_pictures_can_be_had_without_sound(client: Client) -> None:
    deaf = Viewer(client)
    await deaf.connect(kinds=("video",))
    await within(deaf.seen.wait())
    await deaf.close()


async def test_an_interrupt_falls_silent(viewer: Viewer, client: Client) -> None:
    assert await viewer.say("word " * 100) == 200
    await within(viewer.loud.wait())
    async with client.post("/interrupt_talk", json={"sessionid": viewer.session_id}) as response:
        assert response.status == 200
    await within(viewer.quiet.wait())
    async with client.post("/is_speaking", json={"sessionid": viewer.session_id}) as response:
        assert (await response.json())["data"] is False


async def test_a_viewer_that_leaves_frees_its_session(service: FakeService, client: Client) -> None:
    before = set(threading.enumerate())
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    assert len(service.sessions) == 1
    await viewer.close()

    await until(lambda: len(service.sessions) == 0)
    pools = ("asyncio", "avatars")  # whose threads wait for more to do
    await until(lambda: all(each.name.startswith(pools) for each in {*threading.enumerate()} - before))


async def test_nothing_of_an_ended_session_stays_in_memory(
    service: FakeService, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    stayed: list[bool] = []

    def let_go() -> None:
        gc.collect()
        stayed.append(session() is not None)

    monkeypatch.setattr(memory, "let_go", let_go)
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.01)
    viewer = Viewer(await start())
    await viewer.connect()
    session = weakref.ref(service.sessions.get(viewer.session_id))
    await within(viewer.seen.wait())
    await viewer.close()
    await until(lambda: bool(stayed))
    assert stayed == [False]


async def test_a_server_that_stops_while_a_viewer_leaves_ends_what_it_started(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = asyncio.Event()
    close = Peer.close

    async def close_and_tell(peer: Peer) -> None:
        leaving.set()
        await close(peer)

    monkeypatch.setattr(Peer, "close", close_and_tell)
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    await viewer.close()
    await within(leaving.wait())
    await client.close()
    assert "broadcast" not in {thread.name for thread in threading.enumerate()}


async def test_a_part_that_does_not_end_keeps_no_other_from_ending(
    service: FakeService, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = Broadcast.stop

    def stop_and_complain(cast: Broadcast) -> None:
        stop(cast)
        raise StageError("'broadcast' did not stop within 5 s")

    monkeypatch.setattr(Broadcast, "stop", stop_and_complain)
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    await viewer.close()
    await within(client.close())
    assert len(service.sessions) == 0
    assert "did not stop within" in caplog.text


async def test_a_track_that_was_stopped_gives_no_more_packets() -> None:
    track = PacketTrack("audio")
    track.stop()
    with pytest.raises(MediaStreamError):
        await within(track.recv())


async def test_a_peer_that_never_connects_is_given_up(start: Start, service: FakeService) -> None:
    client = await start(connect_limit_s=0.2)
    viewer = Viewer(client)
    viewer.connection.addTransceiver("video", direction="recvonly")
    viewer.connection.addTransceiver("audio", direction="recvonly")
    await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
    offer = {"sdp": viewer.connection.localDescription.sdp, "type": "offer"}
    async with client.post("/offer", json=offer) as response:
        assert response.status == 200
    assert len(service.sessions) == 1

    await until(lambda: len(service.sessions) == 0)
    await viewer.close()


async def test_a_viewer_that_falls_silent_without_leaving_is_given_up(
    service: FakeService, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LIMIT_S", 1.5)
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    before = viewer.pictures
    await until(lambda: viewer.pictures > before + 50)
    assert len(service.sessions) == 1, "two seconds of reports kept it"

    async def lose(packet: object) -> None: ...

    for receiver in viewer.connection.getReceivers():
        monkeypatch.setattr(receiver, "_send_rtcp", lose)
    await until(lambda: len(service.sessions) == 0)
    await viewer.close()


async def test_a_third_viewer_of_two_is_told_to_come_back(client: Client) -> None:
    viewers = [Viewer(client) for _ in range(3)]
    for viewer in viewers[:2]:
        await viewer.connect()
    third = viewers[2].connection
    third.addTransceiver("video", direction="recvonly")
    third.addTransceiver("audio", direction="recvonly")
    await third.setLocalDescription(await third.createOffer())
    async with client.post("/offer", json={"sdp": third.localDescription.sdp, "type": "offer"}) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "try again" in (await response.json())["msg"]
    for viewer in viewers:
        await viewer.close()


@pytest.mark.parametrize("codec", ["h264", "vp8"])
async def test_either_codec_brings_pictures(start: Start, codec: str) -> None:
    client = await start(video_codec=codec)
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    assert codec.upper() in viewer.connection.remoteDescription.sdp
    await viewer.close()


async def test_the_avatar_changes_in_a_live_session_and_its_size_with_it(
    viewer: Viewer, client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeAvatar()
    other.bundle.pictures = np.full((5, 96 * 3 // 2, 128), 200, np.uint8)
    monkeypatch.setattr(service.avatars, "get", {"other": other}.get)
    sizes: list[tuple[int, int]] = []
    monkeypatch.setattr(viewer, "on_picture", lambda frame: sizes.append((frame.width, frame.height)))
    await within(viewer.seen.wait())
    assert await viewer.say("word " * 20) == 200
    await within(viewer.loud.wait())
    async with client.post("/avatar", json={"sessionid": viewer.session_id, "avatar": "other"}) as response:
        assert response.status == 200
    await until(lambda: bool(sizes) and sizes[-1] == (128, 96))
    assert set(sizes) == {(SIZE, SIZE), (128, 96)}
