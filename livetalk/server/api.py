"""The routes of talking: sessions opened, texts and sounds said; as LiveTalking's clients call them."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from livetalk.errors import InvalidRequest, TooLarge
from livetalk.server.answers import ok
from livetalk.server.attendance import Attendance
from livetalk.server.backdrops import chosen
from livetalk.server.faces import Faces
from livetalk.server.personas import Personas
from livetalk.server.requests import (
    AvatarRequest,
    HumanRequest,
    OfferRequest,
    PersonaChange,
    SessionRequest,
    SessionsRequest,
    check_own_fields,
    read_json,
)
from livetalk.server.sse import stream
from livetalk.server.transcribing import ANSWER_LIMIT_S, Transcriber
from livetalk.server.uploads import read_clip
from livetalk.server.watchers import Watchers
from livetalk.service import Service
from livetalk.session import Session


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What one request may bring."""

    text: int
    """characters"""
    upload_bytes: int
    clip_s: float


class Api:
    """Handlers; each reads, checks, calls the session, answers."""

    def __init__(
        self,
        service: Service,
        attendance: Attendance,
        faces: Faces,
        watchers: Watchers,
        limits: ApiLimits,
        personas: Personas,
        transcriber: Transcriber,
    ) -> None:
        self._service = service
        self._attendance = attendance
        self._faces = faces
        self._watchers = watchers
        self._limits = limits
        self._personas = personas
        self._transcriber = transcriber

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/offer", self.offer),
            web.post("/sessions", self.sessions),
            web.post("/human", self.human),
            web.post("/humanaudio", self.humanaudio),
            web.post("/interrupt_talk", self.interrupt_talk),
            web.post("/end_turn", self.end_turn),
            web.post("/avatar", self.avatar),
            web.post("/persona", self.persona),
            web.post("/is_speaking", self.is_speaking),
            web.get("/sse", self.sse),
        ]

    async def offer(self, request: web.Request) -> web.Response:
        """Open a session and answer a browser's offer."""
        body = await read_json(request, OfferRequest)
        session = await self._open(body)
        try:
            _, sdp = await self._watchers.watch(session, body.sdp)
        except BaseException:
            await self._attendance.end(session.id)
            raise
        return ok({"sessionid": session.id}, sdp=sdp, type="answer", sessionid=session.id)

    async def sessions(self, request: web.Request) -> web.Response:
        """Open a session without watching it; outputs and WHEP players come to it by its id."""
        body = await read_json(request, SessionsRequest)
        session = await self._open(body)
        return ok({"sessionid": session.id})

    async def _open(self, asked: OfferRequest | SessionsRequest) -> Session:
        persona = self._service.persona
        if asked.persona is not None:
            persona = self._personas.apply(persona, asked.persona)
        avatar = await self._faces.get(asked.avatar or self._service.default_avatar)
        background = await chosen(self._service.backgrounds, asked.background or "")
        session = await self._attendance.open(avatar)
        session.conversation.persona = persona
        if asked.background is not None:
            session.backdrop.background = background
        return session

    async def persona(self, request: web.Request) -> web.Response:
        """Change who the avatar is, from the next question on."""
        body = await read_json(request, PersonaChange)
        session = self._service.sessions.get(body.sessionid)
        session.conversation.persona = self._personas.apply(session.conversation.persona, body.persona)
        return ok()

    async def human(self, request: web.Request) -> web.Response:
        """Speak a text."""
        body = await read_json(request, HumanRequest)
        session = self._service.sessions.get(body.sessionid)
        if len(body.text) > self._limits.text:
            raise TooLarge(
                f"a text may have {self._limits.text} characters, not {len(body.text)}; send it in parts"
            )
        fields = body.own_fields()
        check_own_fields(fields)
        if body.interrupt:
            session.interrupt()
        speak = session.conversation.chat if body.type == "chat" else session.say
        speak(body.text, body.tts.voice if body.tts else "", fields)
        return ok()

    async def humanaudio(self, request: web.Request) -> web.Response:
        """Speak a sound file, or answer what is said in it."""
        upload, content = await read_clip(request, self._limits.upload_bytes, self._limits.clip_s)
        session = self._service.sessions.get(upload.session_id)
        wanted = upload.fields.pop("type", "echo")
        check_own_fields(upload.fields)
        if wanted == "echo":
            session.play(content, upload.fields)
            return ok()
        if wanted != "chat":
            raise InvalidRequest("type: echo speaks the recording, chat answers what is said in it")
        heard = await self._transcriber.understand(request, content, ANSWER_LIMIT_S)
        heard.ask(session, upload.fields)
        return ok({"heard": heard.text})

    async def interrupt_talk(self, request: web.Request) -> web.Response:
        """Stop speaking."""
        body = await read_json(request, SessionRequest)
        self._service.sessions.get(body.sessionid).interrupt()
        return ok()

    async def end_turn(self, request: web.Request) -> web.Response:
        """Answer what is being said into a microphone, at its next pause."""
        body = await read_json(request, SessionRequest)
        self._service.sessions.get(body.sessionid).conversation.finish()
        return ok()

    async def avatar(self, request: web.Request) -> web.Response:
        """Show another avatar; answered once it is shown, which takes a moment where it is not warm."""
        body = await read_json(request, AvatarRequest)
        await self._faces.change(self._service.sessions.get(body.sessionid), body.avatar)
        return ok()

    async def is_speaking(self, request: web.Request) -> web.Response:
        """Whether something is being said or waits to be."""
        body = await read_json(request, SessionRequest)
        return ok(self._service.sessions.get(body.sessionid).speaking)

    async def sse(self, request: web.Request) -> web.StreamResponse:
        """A session's events as they play."""
        session_id = request.query.get("sessionid")
        if session_id is None:
            raise InvalidRequest("name the session: /sse?sessionid=...")
        return await stream(request, self._service.sessions.get(session_id))
