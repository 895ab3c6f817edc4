"""LiveTalking's routes for making avatars, as its clients call them: `/api/avatar/task`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from livetalk.avatar.recipe import Recipe
from livetalk.creation.job import Job, JobState, Wanted
from livetalk.creation.jobs import Jobs
from livetalk.creation.progress import progress
from livetalk.errors import Conflict, InvalidRequest
from livetalk.faults import first_fault
from livetalk.server.answers import ok
from livetalk.server.footage import FILE_FIELDS
from livetalk.server.making import Making
from livetalk.server.threads import in_thread

MODELS = ("musetalk", "wav2lip", "ultralight", "viseme")
"""that its clients name; of these, musetalk and viseme are ours, and all that can be is prepared"""
STATUS: dict[JobState, str] = {
    "waiting": "pending",
    "working": "running",
    "done": "completed",
    "failed": "failed",
    "cancelled": "failed",
}


class AvatarTasks:
    """Handlers; the work is done as for `POST /api/avatars`."""

    def __init__(self, making: Making, jobs: Jobs) -> None:
        self._making = making
        self._jobs = jobs

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/api/avatar/task", self.create),
            web.get("/api/avatar/task/{task}", self.status),
            web.delete("/api/avatar/task/{task}", self.delete),
            web.get("/api/avatar/tasks", self.list),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Begin; a file is uploaded, a path of the server's own is not taken from anybody."""
        if request.content_type != "multipart/form-data":
            raise InvalidRequest(
                "send a form with model, avatar_id and the clip itself in video_file; paths (video_path) are "
                "not taken from callers"
            )
        job = await self._making.begin(request, _asked, FILE_FIELDS[::-1])
        return ok({"task_id": job.id})

    async def status(self, request: web.Request) -> web.Response:
        """How it stands."""
        return ok(_told(self._jobs.find(request.match_info["task"])))

    async def list(self, _request: web.Request) -> web.Response:
        """All, the latest first."""
        return ok({"tasks": [_told(job) for job in self._jobs.all()]})

    async def delete(self, request: web.Request) -> web.Response:
        """Cancel one that has not begun."""
        job = self._jobs.find(request.match_info["task"])
        if job.state != "waiting":
            raise Conflict(f"it is {STATUS[job.state]}; DELETE /api/avatar-jobs/{job.id} ends one that runs")
        await in_thread(lambda: self._jobs.cancel(job.id))
        return ok({"msg": "Task deleted"})


def _asked(fields: Mapping[str, str]) -> Wanted:
    """Its fields, of which those of other engines than ours (img_size, pads, nosmooth ...) change nothing."""
    model, avatar_id = fields.get("model", ""), fields.get("avatar_id", "")
    if not model or not avatar_id:
        raise InvalidRequest("model and avatar_id are required")
    if model not in MODELS:
        raise InvalidRequest(f"unknown model {model[:40]!r}; there are: {', '.join(MODELS)}")
    names = ("version", "bbox_shift", "extra_margin", "parsing_mode")
    musetalk = {name: fields[name] for name in names if fields.get(name)}
    engines = ("musetalk",) if model == "musetalk" else ()
    try:
        return Wanted(avatar_id, Recipe.model_validate({"engines": engines, "musetalk": musetalk}))
    except ValidationError as error:
        raise InvalidRequest(first_fault(error, Recipe)) from error


def _told(job: Job) -> dict[str, Any]:
    return {
        "task_id": job.id,
        "model_type": ",".join(job.engines) or "all",
        "avatar_id": job.avatar_id,
        "status": STATUS[job.state],
        "progress": round(100 * progress(job)),
        "error_msg": "cancelled" if job.state == "cancelled" else job.error,
        "notify_url": None,
        "start_time": job.began,
        "end_time": job.ended,
        "duration": (job.ended or time.time()) - job.began,
    }


__all__ = ["AvatarTasks"]
