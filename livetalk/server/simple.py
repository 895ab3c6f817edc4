"""The routes of simple clients, in the habits of other avatar servers; a cookie stands for the session."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from livetalk.errors import NotFound, TooLarge, Unavailable
from livetalk.server.answers import ok
from livetalk.server.api import ApiLimits
from livetalk.server.archive import Archive
from livetalk.server.clients import Client, Clients, Visit
from livetalk.server.cookies import check_own, given
from livetalk.server.jobs import Job, Jobs
from livetalk.server.requests import (
    ConversationRequest,
    JobRequest,
    ResetRequest,
    SpeakRequest,
    read_json,
)
from livetalk.server.studio import Studio
from livetalk.server.transcribing import ANSWER_LIMIT_S, Heard, Transcriber
from livetalk.server.uploads import read_clip
from livetalk.server.waiting import while_there

PREFIX = "/clip/"
LATE = "it was not said to its end, and goes on being said;"
NO_STORE = {"Cache-Control": "no-store"}


class Simple:
    """Handlers; the first request of a client opens its session, and later ones go on with it."""

    def __init__(
        self, clients: Clients, transcriber: Transcriber, studio: Studio, archive: Archive, limits: ApiLimits
    ) -> None:
        self._clients = clients
        self._transcriber = transcriber
        self._studio = studio
        self._archive = archive
        self._limits = limits
        self._jobs = Jobs()

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/speak", self.speak),
            web.get("/reset", self.reset, allow_head=False),
            web.post("/reset", self.reset),
            web.post("/chat", self.chat),
            web.get("/status/{job}", self.status),
            web.post("/api/conversation/text", self.text),
            web.post("/api/conversation/audio", self.audio),
            web.get(PREFIX + r"{number:\d{1,9}}.mp4", self.clip),
        ]

    def admits(self, request: web.Request) -> bool:
        """Whether a request needs no token: it asks for a clip, with the cookie of a client."""
        reads = request.method in ("GET", "HEAD") and request.path.startswith(PREFIX)
        return reads and self._clients.find(request) is not None

    async def speak(self, request: web.Request) -> web.Response:
        """Say a text; answered once it was said, with the clip of all that was."""
        body = await read_json(request, SpeakRequest)
        self._check(body.text)
        async with self._clients.visit(request) as visit:
            session, text, voice = visit.session, body.text, body.voice
            job = Job(session, lambda: session.say(text, voice))
            await self._over(request, job, body.timeout_s)
            if visit.client.clip is not None:
                await self._studio.settle(visit.client.clip)
            return _answer(visit, {**job.told(), "text": text, **await self._clip_of(visit.client)})

    async def reset(self, request: web.Request) -> web.Response:
        """Stop speaking, forget the conversation, begin a new clip; a stranger has nothing to reset."""
        check_own(request)
        if request.method == "POST" and request.body_exists:
            await read_json(request, ResetRequest)
        client = self._clients.find(request)
        if client is not None:
            await self._clients.reset(client)
        response = ok()
        response.headers.update(NO_STORE)
        return response

    async def chat(self, request: web.Request) -> web.Response:
        """Answer what the user says; a job to ask about comes back at once."""
        body = await read_json(request, JobRequest)
        self._check(body.text)
        async with self._clients.visit(request) as visit:
            job = self._jobs.begin(visit.client.key, partial(self._ask, visit, body.text))
            return _answer(visit, {"job": job.id}, status=202)

    async def status(self, request: web.Request) -> web.Response:
        """How a job is."""
        job = self._jobs.find(given(request), request.match_info["job"])
        self._clients.find(request)  # who asks is there
        response = ok(job.told(), **job.told())
        response.headers.update(NO_STORE)
        return response

    async def text(self, request: web.Request) -> web.Response:
        """Answer what the user says; answered once the reply was said."""
        body = await read_json(request, ConversationRequest)
        self._check(body.text)
        async with self._clients.visit(request) as visit:
            return await self._converse(request, visit, self._ask(visit, body.text), body.timeout_s)

    async def audio(self, request: web.Request) -> web.Response:
        """The same of a recording of the user's speech."""
        limits = self._limits
        self._transcriber.check()
        _, content = await read_clip(request, limits.upload_bytes, limits.clip_s, named=False)
        async with self._clients.visit(request) as visit:
            heard = await self._transcriber.understand(request, content, ANSWER_LIMIT_S)
            job = self._ask_heard(visit, heard)
            return await self._converse(request, visit, job, ANSWER_LIMIT_S, heard=heard.text)

    async def clip(self, request: web.Request) -> web.StreamResponse:
        """The film of what was spoken since the last reset, to the client that it belongs to."""
        client = self._clients.find(request)
        if client is None or client.clip is None or int(request.match_info["number"]) != client.clips:
            raise NotFound("no such clip of yours; a reset, and the session's end, remove it")
        headers = {"Content-Type": "video/mp4", "Cache-Control": "private, no-cache"}
        return web.FileResponse(self._archive.path(client.clip), headers=headers)

    # -- inside -----------------------------------------------------------------------------------

    def _check(self, text: str) -> None:
        if len(text) > self._limits.text:
            raise TooLarge(
                f"a text may have {self._limits.text} characters, not {len(text)}; send it in parts"
            )

    @staticmethod
    def _ask(visit: Visit, text: str) -> Job:
        return Job(visit.session, lambda: visit.session.conversation.chat(text))

    @staticmethod
    def _ask_heard(visit: Visit, heard: Heard) -> Job:
        return Job(visit.session, lambda: heard.ask(visit.session))

    async def _converse(
        self, request: web.Request, visit: Visit, job: Job, limit_s: float, **more: str
    ) -> web.Response:
        await self._over(request, job, limit_s)
        return _answer(visit, {**more, **job.told(), "turn": job.turn, "latency": dict(job.latency)})

    @staticmethod
    async def _over(request: web.Request, job: Job, limit_s: float) -> None:
        """Wait until a turn is.

        Raises:
            Unavailable: it failed; says why.
        """
        try:
            await while_there(request, job.over(), limit_s, LATE)
        finally:
            job.leave()
        if job.state == "failed":
            raise Unavailable(job.error)

    async def _clip_of(self, client: Client) -> dict[str, Any]:
        """Where the clip is, and how long and large."""
        if client.clip is None:
            return {"url": None, "seconds": 0.0, "bytes": 0, "detail": client.no_clip}
        recording, size = await self._studio.now(client.clip)
        if not size:
            detail = "the clip is gone: the room for recordings is used up, or its file took no more"
            return {"url": None, "seconds": 0.0, "bytes": 0, "detail": detail}
        seconds = round(recording.seconds, 2)
        return {"url": f"{PREFIX}{client.clips}.mp4", "seconds": seconds, "bytes": size}


def _answer(visit: Visit, told: dict[str, Any], status: int = 200) -> web.Response:
    """`told` in `data`, and at the top level, where other servers' clients look for it."""
    told = {**told, "new_session": visit.new}
    return ok(told, status=status, **told)


__all__ = ["Simple"]
