"""WHIP: somebody who speaks it gives a session a live voice (RFC 9725)."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from livetalk.errors import Conflict, NotFound
from livetalk.server import resources
from livetalk.server.attendance import Attendance
from livetalk.session import Session
from livetalk.transports.webrtc.connection import Ties
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.listener import Listener
from livetalk.transports.webrtc.trickle import read_fragment

VOICE_FIELDS = {"live": True}
"""in the events of what a live voice says"""


class Whip:
    """`POST /whip/{session}` makes a speaker; `/whip/{session}/{speaker}` is what it made. One a session.

    What a speaker says, the face says; with `?answer` it is a question that the face answers.
    """

    def __init__(self, attendance: Attendance, ice_servers: IceServers, connect_limit_s: float) -> None:
        self._attendance = attendance
        self._ice_servers = ice_servers
        self._connect_limit_s = connect_limit_s
        self._speakers: dict[str, tuple[str, Listener]] = {}
        """by session: the speaker's id, and who listens"""

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        endpoint, speaker = "/whip/{session}", "/whip/{session}/{speaker}"
        return [
            web.post(endpoint, self.speak),
            web.options(endpoint, resources.options),
            web.patch(speaker, self.trickle),
            web.delete(speaker, self.leave),
            web.options(speaker, resources.options),
        ]

    async def speak(self, request: web.Request) -> web.Response:
        """Answer a speaker's offer."""
        session_id = request.match_info["session"]
        self._attendance.session(session_id)
        offer = await resources.read_offer(request)
        session = self._attendance.session(session_id)  # it may have ended meanwhile
        if session.id in self._speakers:
            raise Conflict("somebody speaks in that session already; let them leave first")
        speaker_id, listener = self._listen(session, answered="answer" in request.query)
        try:
            answer = await listener.answer(offer)
        except BaseException:
            await self._attendance.detach(session.id, speaker_id)
            raise
        return resources.created(answer, request.path, speaker_id, self._ice_servers.link_headers())

    async def trickle(self, request: web.Request) -> web.Response:
        """Take a speaker's later candidates."""
        listener = self._listener(request)
        speaker_id = request.match_info["speaker"]
        await listener.trickle(read_fragment(await resources.read_fragment(request, speaker_id)))
        return web.Response(status=204)

    async def leave(self, request: web.Request) -> web.Response:
        """End a speaker; the session goes on."""
        self._listener(request)
        await self._attendance.detach(request.match_info["session"], request.match_info["speaker"])
        return web.Response()

    def _listen(self, session: Session, answered: bool) -> tuple[str, Listener]:
        voice = session.conversation.hear() if answered else session.listen(VOICE_FIELDS)
        ties = Ties(on_gone=lambda: leave())
        listener = Listener(voice, self._ice_servers, self._connect_limit_s, ties)
        speaker_id = self._attendance.attach(session.id, partial(self._close, session.id), holds=False)
        leave = partial(self._attendance.begin_to_detach, session.id, speaker_id)
        self._speakers[session.id] = speaker_id, listener
        return speaker_id, listener

    def _listener(self, request: web.Request) -> Listener:
        speaker_id, listener = self._speakers.get(request.match_info["session"], ("", None))
        if listener is None or speaker_id != request.match_info["speaker"]:
            raise NotFound("no such speaker; it may have left already")
        return listener

    async def _close(self, session_id: str) -> None:
        _, listener = self._speakers.pop(session_id)
        await listener.close()


__all__ = ["Whip"]
