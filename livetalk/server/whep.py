"""WHEP: any player that speaks it watches a session (draft-ietf-wish-whep)."""

from __future__ import annotations

from aiohttp import web

from livetalk.server import resources
from livetalk.server.attendance import Attendance
from livetalk.server.watchers import Watchers
from livetalk.transports.webrtc.trickle import read_fragment


class Whep:
    """`POST /whep/{session}` makes a viewer; `/whep/{session}/{viewer}` is what it made."""

    def __init__(self, attendance: Attendance, watchers: Watchers) -> None:
        self._attendance = attendance
        self._watchers = watchers

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        endpoint, viewer = "/whep/{session}", "/whep/{session}/{viewer}"
        return [
            web.post(endpoint, self.watch),
            web.options(endpoint, resources.options),
            web.patch(viewer, self.trickle),
            web.delete(viewer, self.leave),
            web.options(viewer, resources.options),
        ]

    async def watch(self, request: web.Request) -> web.Response:
        """Answer a player's offer."""
        session = self._attendance.session(request.match_info["session"])
        viewer_id, answer = await self._watchers.watch(session, await resources.read_offer(request))
        links = self._watchers.ice_servers.link_headers()
        return resources.created(answer, request.path, viewer_id, links)

    async def trickle(self, request: web.Request) -> web.Response:
        """Take a viewer's later candidates."""
        session_id, viewer_id = request.match_info["session"], request.match_info["viewer"]
        peer = self._watchers.peer(session_id, viewer_id)
        fragment = read_fragment(await resources.read_fragment(request, viewer_id))
        await peer.trickle(fragment)
        return web.Response(status=204)

    async def leave(self, request: web.Request) -> web.Response:
        """End a viewer."""
        await self._watchers.leave(request.match_info["session"], request.match_info["viewer"])
        return web.Response()


__all__ = ["Whep"]
