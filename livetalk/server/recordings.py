"""The routes of recordings: begin, end, list, download, remove."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from livetalk.errors import InvalidRequest
from livetalk.server.answers import ok
from livetalk.server.archive import DETAILS, Archive, Recording
from livetalk.server.requests import RecordRequest, read_json
from livetalk.server.studio import Studio
from livetalk.server.tickets import LIFETIME_S, Tickets

PREFIX = "/record/"


class Recordings:
    """`/record` as LiveTalking's clients call it, and what a page needs beside it.

    A recording's id is the right to it; a session's id, also of one that is over, lists what it recorded.
    """

    def __init__(self, studio: Studio, archive: Archive) -> None:
        self._studio = studio
        self._archive = archive
        self._tickets = Tickets()

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/record", self.record),
            web.get("/recordings", self.list),
            web.get(PREFIX + "{id}", self.download),
            web.post(PREFIX + "{id}/link", self.link),
            web.delete(PREFIX + "{id}", self.remove),
        ]

    def admits(self, request: web.Request) -> bool:
        """Whether a request needs no token: it brings a ticket for the film that it asks for."""
        asked = request.path.removeprefix(PREFIX)
        if asked == request.path or request.method not in ("GET", "HEAD"):
            return False
        return self._tickets.admits(request.query.get("ticket", ""), asked)

    async def record(self, request: web.Request) -> web.Response:
        """Begin or end a recording."""
        body = await read_json(request, RecordRequest)
        act = self._studio.record if body.type == "start_record" else self._studio.end
        return ok(await self._told(await act(body.sessionid)))

    async def list(self, request: web.Request) -> web.Response:
        """Those of a session, the latest last."""
        session_id = request.query.get("sessionid")
        if not session_id:
            raise InvalidRequest("name the session: /recordings?sessionid=...")
        return ok([await self._told(each) for each in self._archive.of(session_id)])

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A film, or what there is of one that runs; of a session's id, its latest."""
        recording = self._archive.find(request.match_info["id"])
        name = time.strftime("livetalk-%Y%m%d-%H%M%S.mp4", time.gmtime(recording.started))
        headers = {
            "Content-Type": "video/mp4",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-cache",
        }
        return web.FileResponse(self._archive.path(recording), headers=headers)

    async def link(self, request: web.Request) -> web.Response:
        """A path by which a browser can download without the token, for some minutes."""
        recording = self._archive.find(request.match_info["id"])
        ticket = self._tickets.issue(recording.id)
        return ok({"path": f"{PREFIX[1:]}{recording.id}?ticket={ticket}", "seconds": int(LIFETIME_S)})

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a recording; one that runs is ended first."""
        await self._studio.remove(self._archive.find(request.match_info["id"]))
        return ok()

    async def _told(self, recording: Recording) -> dict[str, Any]:
        recording, size = await self._studio.now(recording)
        return {
            "id": recording.id,
            "state": recording.state,
            "reason": recording.reason,
            "detail": DETAILS[recording.reason],
            "started": datetime.fromtimestamp(recording.started, UTC).isoformat(timespec="seconds"),
            "seconds": round(recording.seconds, 2),
            "bytes": size,
        }


__all__ = ["Recordings"]
