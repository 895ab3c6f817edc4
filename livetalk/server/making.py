"""The routes of avatars that are being made: begun by an upload, followed, cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import web
from pydantic import ValidationError

from livetalk.avatar.recipe import Recipe
from livetalk.creation.bench import bench_in
from livetalk.creation.job import Job, Wanted
from livetalk.creation.jobs import Jobs
from livetalk.creation.making import NewAction, Places
from livetalk.errors import AvatarError, InvalidRequest, NotFound, OutOfRoom, Unavailable
from livetalk.faults import first_fault
from livetalk.server.answers import ok
from livetalk.server.avatar_answers import AvatarJob
from livetalk.server.avatar_ids import id_for
from livetalk.server.footage import FILE_FIELDS, FormLimits, read_form
from livetalk.server.sse import HEADERS, PING, PING_S
from livetalk.server.threads import in_thread, in_thread_or_undone

logger = logging.getLogger(__name__)

PREFIX = "/api/avatar-jobs"
CLOSED = "avatars are not made here (setting make_avatars)"
Asked: TypeAlias = Callable[[Mapping[str, str]], Wanted]
"""what a form's fields ask for"""
QUEUED = 64
"""changes of a job that wait for a listener; the oldest are lost, since each tells all"""


@dataclass(frozen=True, slots=True)
class MakingLimits:
    """What one upload may bring."""

    upload_bytes: int
    open: bool
    """whether anybody may make avatars here"""


class Making:
    """Handlers; the jobs themselves are `livetalk.creation.jobs`."""

    def __init__(self, jobs: Jobs, places: Places, limits: MakingLimits) -> None:
        self._jobs = jobs
        self._places = places
        self._limits = limits
        self._uploading = 0

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/api/avatars", self.create),
            web.post("/api/avatars/{id}/actions", self.act),
            web.get(PREFIX, self.list),
            web.get(PREFIX + "/{job}", self.status),
            web.delete(PREFIX + "/{job}", self.cancel),
            web.get(PREFIX + "/{job}/events", self.events),
            web.get(PREFIX + "/{job}/pictures/{number}", self.picture),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Begin to make an avatar of an upload."""
        job = await self.begin(request, self._asked)
        return ok(told(job), status=202)

    async def act(self, request: web.Request) -> web.Response:
        """Begin to add an action to an avatar, of an upload."""
        avatar_id = request.match_info["id"]

        def asked(fields: Mapping[str, str]) -> Wanted:
            check_known(fields, {"name", "sound", "recipe"})
            sound = fields.get("sound", "false").lower()
            if sound not in ("true", "false"):
                raise InvalidRequest("sound is true, to keep the clip's own, or false")
            return Wanted(avatar_id, recipe_of(fields), NewAction(fields.get("name", ""), sound == "true"))

        return ok(told(await self.begin(request, asked)), status=202)

    async def begin(self, request: web.Request, asked: Asked, names: tuple[str, ...] = FILE_FIELDS) -> Job:
        """Take an upload, in a form's field of one of these names, and what is asked of it, as a job.

        Raises:
            RequestError: something is wrong with it.
        """
        if not self._limits.open:
            raise Unavailable(CLOSED)
        self._jobs.check_room(self._uploading)
        with ExitStack() as room, self._counted():
            bench = await own_bench(self._places.avatars, room)
            uploaded = bench / "upload"
            uploaded.mkdir()
            limits = FormLimits(self._limits.upload_bytes, self._places.limits.photos, names)
            form = await read_form(request, uploaded, limits)
            wanted = replace(asked(form.fields), names=form.names)
            return self._jobs.submit(wanted, form.source, bench, room)

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self._uploading += 1
        try:
            yield
        finally:
            self._uploading -= 1

    async def list(self, _request: web.Request) -> web.Response:
        """All jobs, the latest first."""
        return ok([told(job) for job in self._jobs.all()])

    async def status(self, request: web.Request) -> web.Response:
        """How a job stands."""
        return ok(told(self._jobs.find(request.match_info["job"])))

    async def cancel(self, request: web.Request) -> web.Response:
        """End a job; one that is over stays as it is."""
        job_id = request.match_info["job"]
        return ok(told(await in_thread(lambda: self._jobs.cancel(job_id))))

    async def picture(self, request: web.Request) -> web.Response:
        """The picture of one of a job's doubts."""
        job = self._jobs.find(request.match_info["job"])
        pictures = {str(number): each.picture for number, each in enumerate(job.noted)}
        picture = pictures.get(request.match_info["number"])
        if not picture:
            raise NotFound("this job has no such picture")
        return web.Response(body=picture, content_type="image/jpeg")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """A job as it changes, as server-sent events, until it is over."""
        job_id = request.match_info["job"]
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[Job] = asyncio.Queue(QUEUED)

        def queue(job: Job) -> None:
            if waiting.full():
                waiting.get_nowait()
            waiting.put_nowait(job)

        def hear(job: Job) -> None:
            if job.id == job_id:
                loop.call_soon_threadsafe(queue, job)

        leave = self._jobs.listen(hear)
        response = web.StreamResponse(headers=HEADERS)
        try:
            job = self._jobs.find(job_id)
            with contextlib.suppress(ConnectionResetError):
                await response.prepare(request)
                await response.write(_encoded(job))
                while not job.over:
                    try:
                        job = await asyncio.wait_for(waiting.get(), PING_S)
                    except TimeoutError:
                        await response.write(PING)
                        continue
                    await response.write(_encoded(job))
        finally:
            leave()
        return response

    def _asked(self, fields: Mapping[str, str]) -> Wanted:
        """The id, and the recipe, of a form's fields `id`, `name` and `recipe` (JSON)."""
        check_known(fields, {"id", "name", "recipe"})
        recipe = recipe_of(fields, fields.get("name", "").strip())
        return Wanted(fields.get("id") or id_for(recipe.name, self._jobs.is_free), recipe)


async def own_bench(avatars: Path, room: ExitStack) -> Path:
    """A bench that goes when `room` ends.

    Raises:
        OutOfRoom: nothing can be written there.
    """
    try:
        return await in_thread_or_undone(
            lambda: room.enter_context(bench_in(avatars)), lambda _: room.close()
        )
    except AvatarError as error:
        logger.error("%s", error)
        raise OutOfRoom("no avatar can be kept here; the server's log says why") from error


def check_known(fields: Mapping[str, str], known: set[str], file: str = "file") -> None:
    """Refuse a form with a field that means nothing.

    Raises:
        InvalidRequest: it has one; says which there are.
    """
    if unknown := sorted(fields.keys() - known):
        there = ", ".join(sorted({*known, file}))
        raise InvalidRequest(f"unknown field {unknown[0][:40]!r}; there are: {there}")


def recipe_of(fields: Mapping[str, str], name: str = "", field: str = "recipe") -> Recipe:
    """The recipe that a form's field holds as JSON; a `name` goes before its own.

    Raises:
        InvalidRequest: it is none; says what is wrong.
    """
    try:
        recipe = Recipe.model_validate_json(fields.get(field) or "{}")
        return Recipe.model_validate({**recipe.model_dump(), "name": name or recipe.name})
    except ValidationError as error:
        raise InvalidRequest(f"{field}: {first_fault(error, Recipe)}") from error


def told(job: Job) -> dict[str, Any]:
    """A job, for JSON."""
    return AvatarJob.of(job).model_dump()


def _encoded(job: Job) -> bytes:
    return f"event: job\ndata: {json.dumps(told(job))}\n\n".encode()


__all__ = [
    "CLOSED",
    "Making",
    "MakingLimits",
    "check_known",
    "own_bench",
    "recipe_of",
    "told",
]
