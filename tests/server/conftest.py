"""A running server with fake plugins, and a real WebRTC client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from livetalk.assets import asset
from livetalk.avatar.shelf import Card
from livetalk.background import Backgrounds
from livetalk.listening.ear import Hearing
from livetalk.metrics import Metrics
from livetalk.parts import Parts
from livetalk.persona import Persona
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.server.app import HOUSE, build
from livetalk.service import Service
from livetalk.sessions import Sessions
from livetalk.settings import Settings
from tests.fakes import WAIT_S, FakeAvatar, FakeEngine, FakeLLM, FakeTTS


class FakeAvatars:
    """One avatar, which is opened whenever it is asked for."""

    def warm(self, avatar_id: str) -> None:
        """None ever is."""

    def thumbnail(self, avatar_id: str) -> Path:
        """Not one to look at."""
        return asset("web") / "favicon.svg"

    def get(self, avatar_id: str) -> FakeAvatar:
        """Whatever is asked for."""
        return FakeAvatar()

    def forget(self, avatar_id: str) -> None:
        """Nothing is kept."""

    def cards(self) -> list[Card]:
        """Its card; files would be read for it."""
        assert threading.current_thread() is not threading.main_thread()
        return [Card("fake", "Fake", 64, 64, 5, ("fake",))]


class FakeService(Service):
    """A service whose plugins are fakes."""

    def __init__(self, max_sessions: int = 2) -> None:
        self.metrics = Metrics()
        self.default_avatar = "fake"
        self.persona = Persona()
        self.llm_name = "fake"
        self.stt = None
        self.realtime = None
        self.recognises = False
        self.hears = False
        self.engine = FakeEngine()
        self.tts = self.voice = FakeTTS()
        self.llm = self.model = FakeLLM()
        self.avatars = FakeAvatars()  # type: ignore[assignment]
        self.backgrounds = Backgrounds(None)
        self._batcher = Batcher(self.engine, self.metrics)
        self._batcher.start()
        self._started = ExitStack()
        self._started.callback(self._batcher.stop)
        self._batcher.warm_up(FakeAvatar())
        self._max_sessions = max_sessions
        self.listen_with(None)

    def listen_with(self, hearing: Hearing | None) -> None:
        """Have the sessions that follow hear microphones."""
        parts = Parts(
            engine=self.engine,
            batcher=self._batcher,
            slots=Slots(),
            tts=self.tts,
            llm=self.llm,
            metrics=self.metrics,
            clip_limit_s=10.0,
            hearing=hearing,
        )
        self.sessions = Sessions(parts, self._max_sessions)


@dataclass
class Viewer:
    """A browser's stand-in: offers, receives, counts."""

    client: TestClient[web.Request, web.Application]
    connection: RTCPeerConnection = field(
        default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[]))
    )
    session_id: str = ""
    pictures: int = 0
    loud: asyncio.Event = field(default_factory=asyncio.Event)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def connect(self, kinds: tuple[str, ...] = ("video", "audio"), **extra: Any) -> None:
        """Offer, and begin to receive."""
        self.connection.on("track", self._receive)
        for kind in {*kinds} - {each.kind for each in self.connection.getTransceivers()}:
            self.connection.addTransceiver(kind, direction="recvonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = {"sdp": self.connection.localDescription.sdp, "type": "offer", **extra}
        async with self.client.post("/offer", json=offer) as response:
            body = await response.json()
            assert response.status == 200, body
        self.session_id = body["sessionid"]
        await self.connection.setRemoteDescription(RTCSessionDescription(body["sdp"], body["type"]))

    async def say(self, text: str, **fields: Any) -> int:
        """Have a text spoken; the HTTP status comes back."""
        body = {"sessionid": self.session_id, "text": text, "type": "echo", **fields}
        async with self.client.post("/human", json=body) as response:
            return response.status

    async def close(self) -> None:
        """Leave."""
        await self.connection.close()
        for task in self.tasks:
            task.cancel()

    def on_picture(self, frame: av.VideoFrame) -> None:
        """For those who look closer."""

    def _receive(self, track: MediaStreamTrack) -> None:
        read = self._watch if track.kind == "video" else self._hear
        self.tasks.append(asyncio.ensure_future(read(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            assert isinstance(frame, av.VideoFrame)
            self.pictures += 1
            self.on_picture(frame)
            self.seen.set()

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            assert isinstance(frame, av.AudioFrame)
            level = abs(frame.to_ndarray().astype(float)).mean()
            (self.loud if level > 500 else self.quiet).set()
            (self.quiet if level > 500 else self.loud).clear()


Client = TestClient[web.Request, web.Application]
Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    service = FakeService()
    yield service
    await asyncio.get_running_loop().run_in_executor(None, service.close)


@pytest.fixture
async def start(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Start a server with some settings; everything is stopped afterwards."""
    clients: list[Client] = []

    async def start_server(**settings: Any) -> Client:
        app = build(Settings(**{"cache_dir": tmp_path, **settings}), service)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield start_server
    for client in clients:
        await client.close()


@pytest.fixture
async def client(start: Callable[..., Awaitable[Client]]) -> Client:
    return await start()


@pytest.fixture
async def viewer(client: Client) -> AsyncIterator[Viewer]:
    viewer = Viewer(client)
    await viewer.connect()
    yield viewer
    await viewer.close()


async def within(awaitable: Awaitable[Any]) -> Any:
    """Wait, but not for ever."""
    return await asyncio.wait_for(awaitable, WAIT_S)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what tells nobody, but not for ever."""

    async def watch() -> None:
        while not happened():
            await asyncio.sleep(0.01)

    await within(watch())


def end_meanwhile(client: Client, session_id: str, begin: Callable[..., None]) -> Callable[..., None]:
    """The same beginning of an output, during which its session ends; to be called on the loop's thread."""
    loop = asyncio.get_running_loop()

    def meanwhile(*arguments: Any) -> None:
        begin(*arguments)
        ending = client.app[HOUSE].attendance.end(session_id)
        asyncio.run_coroutine_threadsafe(ending, loop).result(WAIT_S)

    return meanwhile


__all__ = ["Client", "ClientSession", "FakeService", "Start", "Viewer", "end_meanwhile", "until", "within"]
