"""The routes of the avatars that there are: listed, looked at, changed, deleted."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from livetalk.avatar.shelf import Card
from livetalk.creation.jobs import Jobs
from livetalk.errors import Conflict
from livetalk.server.answers import ok
from livetalk.server.avatar_answers import AvatarCard
from livetalk.server.requests import PlanRequest, RenameRequest, read_json
from livetalk.server.threads import in_thread
from livetalk.service import Service


class AvatarShelf:
    """Handlers."""

    def __init__(self, service: Service, jobs: Jobs) -> None:
        self._service = service
        self._jobs = jobs
        self._avatars = service.avatars

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.get("/api/avatars", self.list),
            web.get("/api/avatars/{id}", self.show),
            web.patch("/api/avatars/{id}", self.rename),
            web.delete("/api/avatars/{id}", self.delete),
            web.get("/api/avatars/{id}/video", self.video),
            web.put("/api/avatars/{id}/plan", self.plan),
            web.delete("/api/avatars/{id}/actions/{name}", self.remove_action),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """All that are whole, for whatever engine."""
        cards = await in_thread(self._avatars.shelf.cards)
        return ok([self._told(card) for card in cards])

    async def show(self, request: web.Request) -> web.Response:
        """One of them."""
        return ok(self._told(await self._card(request.match_info["id"])))

    async def rename(self, request: web.Request) -> web.Response:
        """Change what people read of one."""
        body = await read_json(request, RenameRequest)
        avatar_id = request.match_info["id"]
        await in_thread(partial(self._avatars.shelf.rename, avatar_id, body.name))
        return ok(self._told(await self._card(avatar_id)))

    async def plan(self, request: web.Request) -> web.Response:
        """Change what one does by itself, in the sessions that follow."""
        body = await read_json(request, PlanRequest)
        avatar_id = request.match_info["id"]
        await in_thread(partial(self._avatars.shelf.plan, avatar_id, body.plan))
        await in_thread(partial(self._avatars.forget, avatar_id))
        return ok(self._told(await self._card(avatar_id)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete one; sessions that show it show it to their end."""
        avatar_id = request.match_info["id"]
        if avatar_id == self._service.default_avatar:
            raise Conflict(
                f"{avatar_id} is the avatar that sessions begin with (setting avatar); start livetalk with "
                "another one to delete it"
            )
        await in_thread(partial(self._avatars.delete, avatar_id))
        return ok()

    async def remove_action(self, request: web.Request) -> web.Response:
        """Take an action from one; sessions that show it with that action do so to their end."""
        avatar_id, action = request.match_info["id"], request.match_info["name"]
        await in_thread(partial(self._jobs.remove_action, avatar_id, action))
        return ok(self._told(await self._card(avatar_id)))

    async def video(self, request: web.Request) -> web.StreamResponse:
        """The body's video, or an action's, to preview it."""
        avatar_id, action = request.match_info["id"], request.query.get("action", "")
        path = await in_thread(partial(self._avatars.shelf.video, avatar_id, action))
        return web.FileResponse(path, headers={"Content-Type": "video/mp4", "Cache-Control": "no-cache"})

    async def _card(self, avatar_id: str) -> Card:
        return await in_thread(partial(self._avatars.shelf.card, avatar_id))

    def _told(self, card: Card) -> dict[str, Any]:
        engine = self._service.engine.spec.avatars
        return AvatarCard.of(card, engine, self._service.default_avatar).model_dump()


__all__ = ["AvatarShelf"]
