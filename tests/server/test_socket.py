"""Events, commands and sound by WebSocket and by data channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from aiortc import RTCDataChannel

from livetalk.audio.silero import SileroModel
from livetalk.conversation import MOST_EARS
from livetalk.listening.ear import Hearing
from livetalk.transports.webrtc.channel import MOST_CHANNELS
from tests.described import as_described
from tests.listening.speech import quiet, speech
from tests.listening.test_ear import FakeSTT
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within

QUESTION = "How are you today?"


async def session_of(client: Client) -> str:
    _, told = await answer(client, "/sessions", json={})
    return str(told["data"]["sessionid"])


async def heard(socket: ClientWebSocketResponse, name: str) -> dict[str, Any]:
    """The next event of a name."""
    while True:
        message = await within(socket.receive())
        assert message.type == WSMsgType.TEXT, message
        event = as_described(json.loads(message.data))
        if event["event"] == name:
            return event


async def opened(viewer: Viewer) -> tuple[RTCDataChannel, list[dict[str, Any]]]:
    """A data channel of a viewer that connects with it, and what is told by it."""
    channel = viewer.connection.createDataChannel("events")
    told: list[dict[str, Any]] = []
    channel.on("message", lambda message: told.append(as_described(json.loads(message))))
    await viewer.connect()
    await until(lambda: channel.readyState == "open")
    return channel, told


@pytest.fixture
async def socket(viewer: Viewer, client: Client) -> AsyncIterator[ClientWebSocketResponse]:
    async with client.ws_connect("/ws", params={"sessionid": viewer.session_id}) as opened:
        yield opened


async def test_a_socket_is_told_what_plays_and_asks(socket: ClientWebSocketResponse) -> None:
    await socket.send_json({"type": "chat", "text": "How are you?"})
    assert (await heard(socket, "reply"))["text"].startswith("I heard you.")
    assert (await heard(socket, "end"))["text"] == "I heard you."
    await socket.send_json({"type": "interrupt"})
    await heard(socket, "interrupted")
    await socket.send_json({"type": "echo", "text": "word " * 50})
    await heard(socket, "word")
    await socket.send_json({"type": "echo", "text": "Something else.", "interrupt": True})
    await heard(socket, "interrupted")
    assert (await heard(socket, "start"))["text"] == "Something else."


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{", "Invalid JSON"),
        ("[]", "object"),
        ('{"type": "dance"}', "dance"),
        ('{"type": "echo"}', "text"),
        ('{"type": "echo", "text": ""}', "nothing that can be spoken"),
        ('{"type": "echo", "text": "' + "a" * 70_000 + '"}', "65536 characters"),
        ('{"type": "interrupt", "extra": 1}', "extra"),
        (json.dumps({"type": "interrupt"} | {f"own{n}": 1 for n in range(2000)}), "2000 fields"),
    ],
)
async def test_what_is_no_command_is_told_and_the_socket_stays(
    socket: ClientWebSocketResponse, said: str, why: str
) -> None:
    await socket.send_str(said)
    error = await heard(socket, "error")
    assert why in error["message"]
    assert error["stage"] == "request"
    await socket.send_json({"type": "echo", "text": "Hello."})
    await heard(socket, "end")


async def test_a_flood_of_commands_lets_everybody_else_have_their_turn(
    socket: ClientWebSocketResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, handled_in = 0, []

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr("livetalk.server.socket.obey", lambda *_: handled_in.append(turns))
    others = asyncio.create_task(take_turns())
    for _ in range(100):
        await socket.send_str("{}")
    await until(lambda: len(handled_in) == 100)
    others.cancel()
    assert len(set(handled_in)) == 100


async def test_an_error_too_long_for_a_data_channel_does_not_end_it(client: Client) -> None:
    viewer = Viewer(client)
    channel, told = await opened(viewer)
    channel.send(json.dumps({"type": "interrupt", "我" * 50_000: 1}, ensure_ascii=False))
    channel.send(json.dumps({"type": "echo", "text": "Hello."}))
    await until(lambda: any(each["event"] == "end" for each in told))
    assert not any(each["event"] == "error" for each in told)
    await viewer.close()


async def test_sound_by_socket_is_understood_and_answered(client: Client, service: FakeService) -> None:
    service.listen_with(Hearing(SileroModel.load().stream, FakeSTT(QUESTION)))
    session = await session_of(client)
    async with client.ws_connect("/ws", params={"sessionid": session, "rate": "16000"}) as socket:
        for sound in (quiet(0.5), speech(QUESTION), quiet(0.5)):
            await socket.send_bytes(sound.astype("<i2").tobytes())
        transcript = await heard(socket, "transcript")
        while not transcript["final"]:
            transcript = await heard(socket, "transcript")
        assert transcript["text"] == QUESTION
        (ear,) = service.sessions.get(session).conversation._ears
    await until(lambda: ear.closed)


async def test_a_session_has_room_for_so_many_microphones(client: Client, service: FakeService) -> None:
    service.listen_with(Hearing(SileroModel.load().stream))
    session = await session_of(client)
    async with AsyncExitStack() as opened:
        sockets = [
            await opened.enter_async_context(client.ws_connect("/ws", params={"sessionid": session}))
            for _ in range(MOST_EARS + 1)
        ]
        for socket in sockets[:-1]:
            await socket.send_bytes(b"\0\0")
        await until(lambda: len(service.sessions.get(session).conversation._ears) == MOST_EARS)
        await sockets[-1].send_bytes(b"\0\0")
        assert "microphones are open" in (await heard(sockets[-1], "error"))["message"]
        ear = service.sessions.get(session).conversation._ears[0]
        await sockets[0].close()
        await until(lambda: ear.closed)
        await sockets[-1].send_bytes(b"\0\0")
        await until(lambda: service.sessions.get(session).conversation._ears[0] is not ear)


async def test_sound_where_nobody_hears_or_of_half_samples_is_told(socket: ClientWebSocketResponse) -> None:
    await socket.send_bytes(b"\0" * 640)
    assert "does not listen" in (await heard(socket, "error"))["message"]
    await socket.send_bytes(b"\0" * 641)
    assert "whole samples" in (await heard(socket, "error"))["message"]


async def test_a_socket_ends_with_its_session(
    socket: ClientWebSocketResponse, viewer: Viewer, service: FakeService
) -> None:
    session = service.sessions.get(viewer.session_id)
    await asyncio.get_running_loop().run_in_executor(None, session.close)
    await heard(socket, "closed")
    assert (await within(socket.receive())).type == WSMsgType.CLOSE


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"sessionid": "nobody"}, 404),
        ({}, 400),
        ({"rate": "12345"}, 400),
        ({"rate": "fast"}, 400),
        ({"rate": "9" * 5000}, 400),
    ],
)
async def test_a_socket_that_cannot_be_is_refused(
    viewer: Viewer, client: Client, params: dict[str, str], status: int
) -> None:
    asked = {"sessionid": viewer.session_id, **params} if "rate" in params else params
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/ws", params=asked)
    assert refused.value.status == status


async def test_a_browser_brings_the_token_as_a_protocol(start: Start) -> None:
    client = await start(token="sesame")
    headers = {"Authorization": "Bearer sesame"}
    async with client.post("/sessions", json={}, headers=headers) as response:
        session = (await response.json())["data"]["sessionid"]
    params = {"sessionid": session}
    async with client.ws_connect("/ws", params=params, protocols=("livetalk", "bearer.sesame")) as socket:
        assert socket.protocol == "livetalk"
    for protocols in ((), ("livetalk", "bearer.wrong")):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/ws", params=params, protocols=protocols)
        assert refused.value.status == 401


async def test_a_page_of_another_origin_gets_no_socket(viewer: Viewer, client: Client) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/ws", params={"sessionid": viewer.session_id}, origin="https://evil.example")
    assert refused.value.status == 403


async def test_a_data_channel_tells_and_obeys_as_well(client: Client) -> None:
    viewer = Viewer(client)
    channel, told = await opened(viewer)
    channel.send("nonsense")
    channel.send(json.dumps({"type": "chat", "text": "How are you?"}))
    await until(lambda: any(each["event"] == "end" for each in told))
    names = [each["event"] for each in told]
    assert names[0] == "error"
    assert names.index("reply") < names.index("start") < names.index("word") < names.index("end")
    await viewer.close()


async def test_a_viewer_has_four_data_channels_at_a_time(client: Client) -> None:
    viewer = Viewer(client)
    channels = [viewer.connection.createDataChannel(f"{number}") for number in range(MOST_CHANNELS)]
    await viewer.connect()
    await until(lambda: all(each.readyState == "open" for each in channels))
    one_too_many = viewer.connection.createDataChannel("more")
    await until(lambda: one_too_many.readyState == "closed")
    channels[0].close()
    await until(lambda: channels[0].readyState == "closed")
    another = viewer.connection.createDataChannel("another")
    told: list[str] = []
    another.on("message", told.append)
    await until(lambda: another.readyState == "open")
    another.send("nonsense")
    await until(lambda: bool(told))
    await viewer.close()
