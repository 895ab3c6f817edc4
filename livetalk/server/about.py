"""The routes about the server: what a page needs to know, whether it lives, its figures, its description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

import livetalk
from livetalk.server.answers import ok
from livetalk.server.openapi import describe
from livetalk.server.threads import in_thread
from livetalk.service import Service
from livetalk.transports.webrtc.ice_servers import IceServers


@dataclass(frozen=True, slots=True)
class Abilities:
    """What callers are told that they may do here."""

    outputs: Sequence[str]
    """names, as the setting `outputs` has them"""
    records: bool
    """whether sessions can be recorded"""
    makes_avatars: bool
    avatar_upload_mb: float
    """of a clip or photos that one is made of; 0 where none is made"""
    text_limit: int
    """characters in one text"""
    needs_token: bool


class About:
    """Handlers that change nothing."""

    def __init__(self, service: Service, ice_servers: IceServers, abilities: Abilities) -> None:
        self._service = service
        self._ice_servers = ice_servers
        self._abilities = abilities

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.get("/config", self.config),
            web.get("/avatars/{id}/thumbnail", self.thumbnail),
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
            web.get("/openapi.json", self.openapi),
        ]

    async def config(self, _request: web.Request) -> web.Response:
        """What the page needs to know before it connects."""
        voices = await in_thread(self._service.tts.voices)
        avatars = await in_thread(self._service.avatars.cards)  # reads a file of each
        backgrounds = await in_thread(self._service.backgrounds.names)
        return ok(
            {
                "version": livetalk.__version__,
                "avatar": self._service.default_avatar,
                "avatars": [{"id": each.id, "name": each.name, "cut_out": each.cut_out} for each in avatars],
                "backgrounds": backgrounds,
                "voices": [*voices],
                "outputs": [*self._abilities.outputs],
                "records": self._abilities.records,
                "makes_avatars": self._abilities.makes_avatars,
                "avatar_upload_mb": self._abilities.avatar_upload_mb,
                "ice_servers": self._ice_servers.for_browser(),
                "needs_token": self._abilities.needs_token,
                "chat": True,
                "llm": self._service.llm_name,
                "hears": self._service.hears,
                "recognises": self._service.recognises,
                "text_limit": self._abilities.text_limit,
            }
        )

    async def thumbnail(self, request: web.Request) -> web.StreamResponse:
        """An avatar's picture, to show before it connects."""
        path = await in_thread(partial(self._service.avatars.thumbnail, request.match_info["id"]))
        return web.FileResponse(path, headers={"Cache-Control": "max-age=3600"})

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process lives."""
        return ok()

    async def readyz(self, _request: web.Request) -> web.Response:
        """Sessions can be opened; the server listens only after everything was loaded."""
        return ok({"sessions": len(self._service.sessions)})

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus text."""
        metrics = self._service.metrics
        metrics.speaking.set(self._service.sessions.speaking())
        return web.Response(body=metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def openapi(self, _request: web.Request) -> web.Response:
        """This surface, described."""
        description: dict[str, Any] = describe(self._abilities.needs_token)
        return web.json_response(description)


__all__ = ["Abilities", "About"]
