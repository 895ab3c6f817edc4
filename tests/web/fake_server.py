"""A scripted stand-in for livetalk's server: the page, its API, and real WebRTC media."""

from __future__ import annotations

import asyncio
import fractions
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiohttp import web
from aiohttp.typedefs import Middleware
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.web.fake_answers import failure, success
from tests.web.fake_workshop import FakeWorkshop

WEB = Path(__file__).parents[2] / "web"
CSP = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'"
PAGES = {"/": "index.html", "/avatars": "avatars.html"}
PAGE_FILES = ("/js/", "/css/", "/favicon")
TONE = (8000 * np.sin(np.arange(960) * 2 * np.pi * 400 / 48_000)).astype(np.int16)
"""20 ms, whole periods, so that it repeats without a click"""

Answer = Callable[[], web.StreamResponse]


@dataclass(slots=True)
class Session:
    """One peer, and those who read its events."""

    pc: RTCPeerConnection
    listeners: list[asyncio.Queue[bytes]] = field(default_factory=list)
    sounding: bool = False
    moving: bool = True
    size: tuple[int, int] = (128, 128)
    """width and height of its pictures"""


class Tone(MediaStreamTrack):
    """A tone while the session sounds, silence otherwise."""

    kind = "audio"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._count = 0
        self._began = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0.0, self._began + self._count * 0.02 - time.monotonic()))
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update((TONE if self._session.sounding else TONE * 0).tobytes())
        frame.sample_rate = 48_000
        frame.pts, frame.time_base = self._count * 960, fractions.Fraction(1, 48_000)
        self._count += 1
        return frame


class Picture(MediaStreamTrack):
    """25 pictures a second as `paint` makes them; none while the session stands still."""

    kind = "video"

    def __init__(self, session: Session, paint: Callable[[int, bool], av.VideoFrame]) -> None:
        super().__init__()
        self._session = session
        self._paint = paint
        self._count = 0
        self._began = time.monotonic()

    async def recv(self) -> av.VideoFrame:
        while True:
            self._count += 1
            await asyncio.sleep(max(0.0, self._began + self._count * 0.04 - time.monotonic()))
            if self._session.moving:
                break
        frame = self._paint(self._count, self._session.sounding).reformat(*self._session.size)
        frame.pts, frame.time_base = self._count * 3600, fractions.Fraction(1, 90_000)
        return frame


def stripes(count: int, sounding: bool) -> av.VideoFrame:
    """A grey picture with a line that moves, brighter while there is sound."""
    picture = np.full((192, 128), 128, np.uint8)
    picture[count % 128] = 255
    picture[:16] = 200 if sounding else 90
    return av.VideoFrame.from_ndarray(picture, format="yuv420p")


class FakeServer:
    """Answers like livetalk, unless told otherwise; remembers what it was asked."""

    def __init__(self, paint: Callable[[int, bool], av.VideoFrame] = stripes) -> None:
        self.config: dict[str, Any] = {
            "avatar": "ada",
            "avatars": ["ada"],
            "voices": ["en", "cmn"],
            "ice_servers": [],
            "needs_token": False,
            "version": "0.1.0",
            "chat": True,
            "llm": "none",
            "hears": False,
            "recognises": False,
        }
        self.token = ""
        self.answers: dict[str, Answer] = {}
        """path -> what to answer instead"""
        self.rewrite_sdp: Callable[[str], str] = str
        self.deaf = False
        """answers offers, then lets no packet through"""
        self.still = False
        """connects, but sends no picture"""
        self.avatar_sizes: dict[str, tuple[int, int]] = {}
        """avatar -> width and height of its pictures, where they are not as usual"""
        self.thumbnails: dict[str, Answer] = {}
        """avatar -> its still picture"""
        self.cold: dict[str, asyncio.Event] = {}
        """avatar -> what to wait for before it is shown"""
        self.over: set[str] = set()
        """sessions that are not there any more"""
        self.films: dict[str, list[dict[str, Any]]] = {}
        """session -> its recordings"""
        self.outputs: dict[str, list[dict[str, Any]]] = {}
        """session -> where it is carried to"""
        self.workshop = FakeWorkshop()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sessions: dict[str, Session] = {}
        self.origin = ""
        self._paint = paint
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        app = web.Application(middlewares=[self._gate()])
        app.add_routes(
            [
                *(web.get(path, self._page) for path in PAGES),
                *self.workshop.routes(),
                web.get("/config", self._config),
                web.post("/offer", self._offer),
                web.post("/whep/{session}", self._whep),
                web.post("/human", self._human),
                web.post("/humanaudio", self._humanaudio),
                web.post("/interrupt_talk", self._simply),
                web.post("/end_turn", self._simply),
                web.post("/sessions/{id}/action", self._simply),
                web.post("/sessions/{id}/background", self._simply),
                web.post("/avatar", self._avatar),
                web.get("/avatars/{id}/thumbnail", self._thumbnail),
                web.get("/backgrounds/{id}/thumbnail", self._thumbnail),
                web.post("/record", self._record),
                web.get("/recordings", self._recordings),
                web.post("/record/{id}/link", self._record_link),
                web.get("/record/{id}", self._film),
                web.delete("/record/{id}", self._record_remove),
                web.post("/outputs", self._output_start),
                web.get("/outputs", self._outputs_list),
                web.post("/outputs/stop", self._output_stop),
                web.get("/sse", self._sse),
            ]
        )
        app.router.add_static("/", WEB)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Hang up on everybody."""
        await self.forget_sessions()
        if self._runner is not None:
            await self._runner.cleanup()

    async def forget_sessions(self) -> None:
        """End all sessions, as a restart would."""
        for session in self.sessions.values():
            await session.pc.close()
            for listener in session.listeners:
                listener.put_nowait(b"")
        self.sessions.clear()
        self.outputs.clear()

    def tell(self, name: str, /, **fields: Any) -> None:
        """Send an event to everybody."""
        block = f"event: {name}\ndata: {json.dumps(fields)}\n\n".encode()
        for session in self.sessions.values():
            for listener in session.listeners:
                listener.put_nowait(block)

    def show(self, avatar: str) -> None:
        """Another avatar for everybody, from the next picture on."""
        for session in self.sessions.values():
            session.size = self.avatar_sizes.get(avatar, (128, 128))
        self.tell("avatar", avatar=avatar)

    def sound(self, on: bool) -> None:
        """Begin or end the tone."""
        for session in self.sessions.values():
            session.sounding = on

    def called(self, path: str) -> list[dict[str, Any]]:
        """The bodies that were sent to `path`."""
        return [body for called, body in self.calls if called == path]

    def _gate(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
            public = request.path in PAGES or request.path.startswith(PAGE_FILES)
            public = public or request.query.get("ticket") == "good"
            if self.token and not public and request.headers.get("Authorization") != f"Bearer {self.token}":
                response: web.StreamResponse = failure(401, "send the server's token")
            elif request.path in self.answers:
                response = self.answers[request.path]()
            else:
                response = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = CSP
            return response

        return gate

    async def _page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(WEB / PAGES[request.path])

    async def _config(self, _request: web.Request) -> web.Response:
        return success(self.config)

    async def _offer(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        session_id = f"session{len(self.calls)}"
        sdp = await self._answer(session_id, body["sdp"])
        return web.json_response(
            {"code": 0, "msg": "ok", "sdp": sdp, "type": "answer", "sessionid": session_id}
        )

    async def _whep(self, request: web.Request) -> web.Response:
        session_id = request.match_info["session"]
        self.calls.append((request.path, {}))
        if session_id in self.over:
            return failure(404, "no such session")
        answer = await self._answer(session_id, await request.text())
        return web.Response(status=201, text=answer, content_type="application/sdp")

    async def _answer(self, session_id: str, sdp: str) -> str:
        session = Session(RTCPeerConnection(RTCConfiguration(iceServers=[])), moving=not self.still)
        pc = session.pc
        pc.addTrack(Tone(session))
        pc.addTrack(Picture(session, self._paint))
        offer = re.sub(r"a=candidate:.*\.local .*\r\n", "", sdp)  # looked up by multicast, for a second
        await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        self.sessions[session_id] = session
        answer = self.rewrite_sdp(pc.localDescription.sdp)
        if self.deaf:
            await pc.close()
        return answer

    async def _human(self, request: web.Request) -> web.Response:
        await self._read(request)
        return success(None)

    async def _humanaudio(self, request: web.Request) -> web.Response:
        form = await request.post()
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        fields = {name: value for name, value in form.items() if name != "file"}
        self.calls.append((request.path, {**fields, "file": upload.filename}))
        return success(None)

    async def _simply(self, request: web.Request) -> web.Response:
        await self._read(request)
        return success(None)

    async def _avatar(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        if body["avatar"] in self.cold:
            await self.cold[body["avatar"]].wait()
        if body["sessionid"] not in self.sessions:
            return failure(404, "no such session")
        if body["avatar"] not in self.config["avatars"]:
            return failure(
                400, f"no avatar {body['avatar']!r}; there are: {', '.join(self.config['avatars'])}"
            )
        self.show(body["avatar"])
        return success(None)

    async def _thumbnail(self, request: web.Request) -> web.StreamResponse:
        answer = self.thumbnails.get(request.match_info["id"])
        return failure(400, "no such avatar") if answer is None else answer()

    async def _record(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        films = self.films.setdefault(body["sessionid"], [])
        if body["type"] == "start_record":
            film = {"id": f"film{len(self.calls)}", "state": "recording", "reason": "", "detail": ""}
            films.append({**film, "started": "2026-05-04T10:20:30+00:00", "seconds": 0.0, "bytes": 2_000_000})
        else:
            films[-1].update(state="ended", seconds=83.4, bytes=12_345_678)
        self.tell("recording", **{name: films[-1][name] for name in ("id", "state", "reason", "detail")})
        return success(films[-1])

    async def _recordings(self, request: web.Request) -> web.Response:
        return success(self.films.get(request.query["sessionid"], []))

    async def _record_link(self, request: web.Request) -> web.Response:
        return success({"path": f"record/{request.match_info['id']}?ticket=good", "seconds": 600})

    async def _film(self, request: web.Request) -> web.Response:
        headers = {"Content-Disposition": 'attachment; filename="livetalk.mp4"'}
        return web.Response(body=b"a film", content_type="video/mp4", headers=headers)

    async def _record_remove(self, request: web.Request) -> web.Response:
        for films in self.films.values():
            films[:] = [film for film in films if film["id"] != request.match_info["id"]]
        return success(None)

    async def _output_start(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        if body["sessionid"] not in self.sessions:
            return failure(404, "no such session; it may have ended: connect again")
        output = {"id": f"output{len(self.calls)}", "output": body["output"], "state": "starting"}
        well = {"detail": "", "ticks": 0, "dropped": 0, "reconnects": 0}
        self.outputs.setdefault(body["sessionid"], []).append({**output, **well})
        return success({"id": output["id"]})

    async def _outputs_list(self, request: web.Request) -> web.Response:
        session_id = request.query["sessionid"]
        self.calls.append(("GET /outputs", {"sessionid": session_id}))
        if session_id not in self.sessions:
            return failure(404, "no such session; it may have ended: connect again")
        return success(self.outputs.get(session_id, []))

    async def _output_stop(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        running = self.outputs.get(body["sessionid"], [])
        if body["id"] not in [each["id"] for each in running]:
            return failure(404, "no such output; it may have been stopped already")
        running[:] = [each for each in running if each["id"] != body["id"]]
        return success(None)

    async def _sse(self, request: web.Request) -> web.StreamResponse:
        session = self.sessions.get(request.query["sessionid"])
        if session is None:
            return failure(404, "no such session")
        listener: asyncio.Queue[bytes] = asyncio.Queue()
        session.listeners.append(listener)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": listening\n\n")
        while block := await listener.get():
            await response.write(block)
        return response

    async def _read(self, request: web.Request) -> dict[str, Any]:
        body: dict[str, Any] = await request.json()
        self.calls.append((request.path, body))
        return body


__all__ = ["FakeServer", "Session", "failure", "success"]
