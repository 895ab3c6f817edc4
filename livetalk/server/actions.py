"""The routes of actions: an avatar's gestures, asked for by name."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from livetalk.errors import InvalidRequest
from livetalk.server.answers import ok
from livetalk.server.requests import ActionRequest, AudioTypeRequest, read_json
from livetalk.server.threads import in_thread
from livetalk.service import Service
from livetalk.session import Session

FIRST_TYPE = 2
"""what LiveTalking's clients call the first action; below it the body is as usual"""


class Actions:
    """Handlers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/sessions/{id}/action", self.act),
            web.post("/set_audiotype", self.set_audiotype),
        ]

    async def act(self, request: web.Request) -> web.Response:
        """Show an action, or end it."""
        session = self._service.sessions.get(request.match_info["id"])
        body = await read_json(request, ActionRequest)
        await in_thread(partial(session.act, body.action, loops=body.loop))  # its sound may be read
        return ok()

    async def set_audiotype(self, request: web.Request) -> web.Response:
        """The same, as LiveTalking's clients ask for it."""
        body = await read_json(request, AudioTypeRequest)
        session = self._service.sessions.get(body.sessionid)
        await in_thread(partial(session.act, _named(body.audiotype, session)))
        return ok()


def _named(wanted: int | str, session: Session) -> str:
    names = sorted(session.playout.avatar.bundle.manifest.actions)
    if str(wanted) in names:
        return str(wanted)
    if not str(wanted).isdecimal():
        return str(wanted)  # which the session refuses
    number = int(wanted) - FIRST_TYPE
    if number < 0:
        return ""
    if number >= len(names):
        raise InvalidRequest(f"there are {len(names)} actions, so audiotype goes up to {len(names) + 1}")
    return names[number]


__all__ = ["Actions"]
