"""The routes of backgrounds: what is seen behind an avatar that was cut out."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from livetalk.background import Background, Backgrounds
from livetalk.errors import NotFound
from livetalk.server.answers import ok
from livetalk.server.requests import BackgroundRequest, read_json
from livetalk.server.threads import in_thread
from livetalk.service import Service


class Backdrops:
    """Handlers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/sessions/{id}/background", self.change),
            web.get("/backgrounds/{name}/thumbnail", self.thumbnail),
        ]

    async def change(self, request: web.Request) -> web.Response:
        """Show another background from the next picture on."""
        session = self._service.sessions.get(request.match_info["id"])
        body = await read_json(request, BackgroundRequest)
        session.backdrop.background = await chosen(self._service.backgrounds, body.background)
        session.touch()
        return ok()

    async def thumbnail(self, request: web.Request) -> web.Response:
        """One of the pictures, small."""
        name = request.match_info["name"]
        if name not in await in_thread(self._service.backgrounds.names):
            raise NotFound(f"no picture {name[:64]!r} among the backgrounds")
        background = await chosen(self._service.backgrounds, name)
        assert background is not None
        content = await in_thread(background.thumbnail)
        return web.Response(
            body=content, content_type="image/jpeg", headers={"Cache-Control": "max-age=3600"}
        )


async def chosen(backgrounds: Backgrounds, name: str) -> Background | None:
    """The one of this name; "" is each avatar's own, None.

    Raises:
        InvalidRequest: there is none.
    """
    return await in_thread(partial(backgrounds.get, name)) if name else None


__all__ = ["Backdrops", "chosen"]
