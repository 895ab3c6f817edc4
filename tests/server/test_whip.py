"""WHIP over HTTP, with aiortc as the publisher; test_whip_clients has some that were not written here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from livetalk.audio.silero import SileroModel
from livetalk.listening.ear import Hearing
from livetalk.protocols import OutputOptions, VideoFormat
from livetalk.registry import make_output
from livetalk.server.app import HOUSE
from livetalk.transports.webrtc import patience
from livetalk.transports.webrtc.bounds import MOST_CANDIDATES
from livetalk.types import SAMPLE_RATE
from tests.listening.speech import speech
from tests.listening.test_ear import FakeSTT
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within
from tests.server.test_whep import candidates, opened
from tests.transports.offers import BUNDLED_ONLY, OBS

SDP = {"Content-Type": "application/sdp"}
RATE = 48_000
SAMPLES = RATE // 50


class Microphone(MediaStreamTrack):
    """Hums while it is told to, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.hums = False
        self.says = np.zeros(0, np.int16)
        self.count = 0
        self._began: float | None = None

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        if self._began is None:
            self._began = loop.time()
        self.count += 1
        await asyncio.sleep(self._began + self.count * 0.02 - loop.time())
        wave = np.sin(2 * np.pi * 300 * np.arange(SAMPLES) / RATE)
        pcm = (wave * (9000 if self.hums else 5)).astype(np.int16)
        said, self.says = self.says[:SAMPLES], self.says[SAMPLES:]
        pcm[: len(said)] += said
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.count * SAMPLES, Fraction(1, RATE)
        return frame


@dataclass
class Publisher:
    """Speaks into a session that is there already."""

    client: Client
    microphone: Microphone = field(default_factory=Microphone)
    connection: RTCPeerConnection = field(
        default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[]))
    )
    location: str = ""
    etag: str = ""
    links: list[str] = field(default_factory=list)

    async def offer(self, pictures: bool = False) -> str:
        """An SDP offer that sends sound, and pictures before it."""
        if pictures:
            self.connection.addTransceiver("video", direction="sendonly")
        self.connection.addTransceiver(self.microphone, direction="sendonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def publish(self, session_id: str, answer: bool = False, **headers: str) -> None:
        """Post the offer, and begin to send."""
        path = f"/whip/{session_id}{'?answer' if answer else ''}"
        async with self.client.post(path, data=await self.offer(), headers={**SDP, **headers}) as response:
            text = await response.text()
            assert response.status == 201, text
            assert response.content_type == "application/sdp"
            self.location, self.etag = response.headers["Location"], response.headers["ETag"]
            self.links = response.headers.getall("Link", [])
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))

    async def settle(self) -> None:
        """Until half a second of quiet was sent, by which the room's noise is known."""
        await until(lambda: self.connection.connectionState == "connected")
        at = self.microphone.count
        await until(lambda: self.microphone.count >= at + 25)

    async def leave(self) -> int:
        """Delete what the offer made; the status comes back."""
        async with self.client.delete(self.location) as response:
            return response.status


@pytest.fixture
async def publisher(client: Client) -> AsyncIterator[Publisher]:
    publisher = Publisher(client)
    yield publisher
    await publisher.connection.close()


async def test_what_is_said_is_heard_and_told(
    service: FakeService, viewer: Viewer, publisher: Publisher
) -> None:
    told: list[tuple[str, object]] = []
    session = service.sessions.get(viewer.session_id)
    session.events.listen(lambda event: told.append((event.name, event.fields.get("live"))))
    await publisher.publish(viewer.session_id)
    assert publisher.location.startswith(f"/whip/{viewer.session_id}/")
    await within(viewer.quiet.wait())
    await publisher.settle()
    publisher.microphone.hums = True
    await within(viewer.loud.wait())
    assert ("start", True) in told
    assert session.speaking
    publisher.microphone.hums = False
    await within(viewer.quiet.wait())
    await until(lambda: ("end", True) in told)
    assert session._voices._open[0].closed is False


async def test_who_is_to_be_answered_is_heard_and_not_said(client: Client, service: FakeService) -> None:
    service.listen_with(Hearing(SileroModel.load().stream, FakeSTT("How are you?")))
    viewer, publisher = Viewer(client), Publisher(client)
    await viewer.connect()
    await publisher.publish(viewer.session_id, answer=True)
    await publisher.settle()
    publisher.microphone.says = np.repeat(speech("How are you today?"), RATE // SAMPLE_RATE)
    await within(viewer.loud.wait())
    assert service.model.asked[0].messages[-1].text == "How are you?"
    assert not service.sessions.get(viewer.session_id)._voices._open
    await publisher.connection.close()
    await viewer.close()


async def test_without_ears_nobody_is_answered(viewer: Viewer, publisher: Publisher) -> None:
    with pytest.raises(AssertionError, match="does not listen"):
        await publisher.publish(viewer.session_id, answer=True)


async def test_an_interrupt_cuts_the_voice_until_it_pauses(
    viewer: Viewer, client: Client, publisher: Publisher
) -> None:
    await publisher.publish(viewer.session_id)
    await publisher.settle()
    publisher.microphone.hums = True
    await within(viewer.loud.wait())
    async with client.post("/interrupt_talk", json={"sessionid": viewer.session_id}) as response:
        assert response.status == 200
    await within(viewer.quiet.wait())


async def test_leaving_ends_the_voice_and_nothing_else(
    service: FakeService, viewer: Viewer, publisher: Publisher
) -> None:
    await publisher.publish(viewer.session_id)
    async with publisher.client.delete(f"/whip/{viewer.session_id}/0") as response:
        assert response.status == 404
    assert await publisher.leave() == 200
    assert await publisher.leave() == 404
    assert not any(thread.name == "hearing" for thread in threading.enumerate())
    viewer.seen.clear()
    await within(viewer.seen.wait())
    assert len(service.sessions) == 1


async def test_a_publisher_keeps_no_session_open(
    service: FakeService, viewer: Viewer, publisher: Publisher
) -> None:
    await publisher.publish(viewer.session_id)
    await within(viewer.seen.wait())
    await viewer.close()
    await until(lambda: len(service.sessions) == 0)
    assert await publisher.leave() == 404
    assert not any(thread.name == "hearing" for thread in threading.enumerate())


async def test_a_second_publisher_is_told_that_there_is_one_and_may_come_after_it(
    client: Client, viewer: Viewer, publisher: Publisher
) -> None:
    await publisher.publish(viewer.session_id)
    second = Publisher(client)
    async with client.post(f"/whip/{viewer.session_id}", data=OBS, headers=SDP) as response:
        assert response.status == 409
    assert await publisher.leave() == 200
    await second.publish(viewer.session_id)
    await second.connection.close()


async def test_a_publisher_that_vanishes_makes_room(
    client: Client,
    service: FakeService,
    viewer: Viewer,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "LIMIT_S", 3.0)
    await publisher.publish(viewer.session_id)
    await publisher.settle()
    publisher.microphone.hums = True
    await within(viewer.loud.wait())
    voice = service.sessions.get(viewer.session_id)._voices._open[0]

    async def lose(*_: object) -> None: ...

    (transceiver,) = publisher.connection.getTransceivers()
    monkeypatch.setattr(transceiver.sender.transport, "_send_rtp", lose)
    await until(lambda: voice.closed)
    assert await publisher.leave() == 404
    second = Publisher(client)
    await second.publish(viewer.session_id)
    await second.connection.close()


@pytest.mark.parametrize(
    "offer", [OBS.replace("{video}", "H264"), OBS.replace("{video}", "AV1"), BUNDLED_ONLY]
)
async def test_offers_of_other_publishers_are_answered_section_by_section(
    client: Client, viewer: Viewer, offer: str
) -> None:
    async with client.post(f"/whip/{viewer.session_id}", data=offer, headers=SDP) as response:
        text = await response.text()
        assert response.status == 201, text
    offered, answered = SessionDescription.parse(offer), SessionDescription.parse(text)
    assert [(each.kind, each.rtp.muxId) for each in answered.media] == [
        (each.kind, each.rtp.muxId) for each in offered.media
    ]
    (bundle,) = [each for each in answered.group if each.semantic == "BUNDLE"]
    for media in answered.media:
        if media.kind == "application":
            assert (media.port, media.rtp.muxId in bundle.items) == (0, False)
            continue
        assert media.rtp.muxId in bundle.items
        assert media.direction == ("recvonly" if media.kind == "audio" else "inactive")
        assert media.ice_candidates
        assert media.rtcp_mux
        assert media.dtls is not None
        assert media.dtls.role == "client"
        if media.kind == "audio":
            assert [each.mimeType for each in media.rtp.codecs] == ["audio/opus"]
            assert media.rtp.codecs[0].payloadType == 111


async def test_pictures_that_come_first_are_inactive_and_the_sound_is_heard(
    viewer: Viewer, publisher: Publisher, client: Client
) -> None:
    async with client.post(
        f"/whip/{viewer.session_id}", data=await publisher.offer(pictures=True), headers=SDP
    ) as response:
        text = await response.text()
        assert response.status == 201, text
    assert text.index("a=inactive") < text.index("m=audio") < text.index("a=recvonly")
    await publisher.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
    await publisher.settle()
    publisher.microphone.hums = True
    await within(viewer.loud.wait())


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/whip/0", SDP, OBS, 404),
        ("/whip/{session}", {"Content-Type": "application/json"}, "{}", 415),
        ("/whip/{session}", SDP, "this is no SDP", 400),
        ("/whip/{session}", SDP, "", 400),
        ("/whip/{session}", SDP, OBS.replace("opus", "PCMU"), 400),
        ("/whip/{session}", SDP, OBS.replace("a=ice-pwd", "a=nothing"), 400),
        ("/whip/{session}", SDP, OBS.replace("a=fingerprint", "a=nothing"), 400),
        ("/whip/{session}", SDP, OBS + candidates(MOST_CANDIDATES + 1), 400),
        ("/whip/{session}", SDP, "a" * 300_000, 413),
    ],
)
async def test_what_cannot_be_answered_is_refused_and_costs_nothing(
    client: Client,
    viewer: Viewer,
    publisher: Publisher,
    path: str,
    headers: dict[str, str],
    body: str,
    status: int,
) -> None:
    async with client.post(path.format(session=viewer.session_id), data=body, headers=headers) as response:
        assert response.status == status
        assert (await response.json())["msg"]
    await publisher.publish(viewer.session_id)
    assert await publisher.leave() == 200


async def test_a_session_that_ends_while_it_is_offered_a_voice_is_a_404(
    client: Client, viewer: Viewer
) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield OBS[:100].encode()
        await viewer.close()
        await client.app[HOUSE].attendance.end(viewer.session_id)
        yield OBS[100:].encode()

    async with client.post(f"/whip/{viewer.session_id}", data=slowly(), headers=SDP) as response:
        assert response.status == 404
    assert not any(thread.name == "hearing" for thread in threading.enumerate())


async def test_without_a_free_port_it_is_told_when_to_come_back(
    client: Client, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_free(*_: object, **__: object) -> None:
        raise OSError("all UDP ports are taken")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_datagram_endpoint", none_free)
    async with client.post(f"/whip/{viewer.session_id}", data=OBS, headers=SDP) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
    assert not any(thread.name == "hearing" for thread in threading.enumerate())


async def test_ice_servers_are_named_in_links(start: Start) -> None:
    client = await start(ice_servers=["stun:127.0.0.1:9", "turn:me:secret@127.0.0.1:9"])
    session_id = await opened(client)
    async with client.post(f"/whip/{session_id}", data=OBS, headers=SDP) as response:
        assert response.status == 201
        assert response.headers.getall("Link") == [
            '<stun:127.0.0.1:9>; rel="ice-server"',
            '<turn:127.0.0.1:9>; rel="ice-server"; username="me"; credential="secret"; '
            'credential-type="password"',
        ]


async def test_later_candidates_are_taken_whichever_section_they_are_of(
    client: Client, viewer: Viewer
) -> None:
    async with client.post(f"/whip/{viewer.session_id}", data=OBS, headers=SDP) as response:
        location, etag = response.headers["Location"], response.headers["ETag"]
    fragment = (
        "a=ice-ufrag:aBcD\r\na=ice-pwd:0123456789abcdefghijkl\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n"
        "a=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host\r\na=end-of-candidates\r\n"
    )
    headers = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": etag}
    async with client.patch(location, data=fragment, headers=headers) as response:
        assert response.status == 204
    async with client.patch(location, data=fragment.replace("aBcD", "else"), headers=headers) as response:
        assert response.status == 422


async def test_one_session_is_pushed_to_another_and_speaks_through_it(
    service: FakeService, client: Client, viewer: Viewer
) -> None:
    speaking = service.sessions.get(await opened(client))
    target = str(client.make_url(f"/whip/{viewer.session_id}"))
    push = make_output(f"whip+{target}", OutputOptions(VideoFormat("h264", 500_000), 48_000))
    push.start(speaking.broadcast)
    try:
        await until(lambda: push.status().ticks >= 15)
        hum = np.tile(np.array([6000, -6000], np.int16), 8000)
        voice = speaking.listen()
        voice.push(np.zeros(8000, np.int16))
        voice.push(hum)
        await within(viewer.loud.wait())
    finally:
        await asyncio.get_running_loop().run_in_executor(None, push.stop)
    assert service.sessions.get(viewer.session_id)._voices._open[0].closed, "the end was not told"


async def test_it_needs_the_token_and_may_be_asked_for_its_options_without(start: Start) -> None:
    client = await start(token="secret-token-of-some-length")
    async with client.post("/whip/0", data=OBS, headers=SDP) as response:
        assert response.status == 401
    async with client.options("/whip/0") as response:
        assert response.status == 204
        assert response.headers["Accept-Post"] == "application/sdp"
