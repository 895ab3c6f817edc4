"""A scripted stand-in for the server's shelf of avatars, and for those that it makes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import BodyPartReader, web

from tests.web.fake_answers import failure, success


class FakeWorkshop:
    """Takes uploads, and tells of jobs as it is told to."""

    def __init__(self) -> None:
        self.avatars: list[dict[str, Any]] = [avatar("ada", "Ada", default=True)]
        self.jobs: list[dict[str, Any]] = []
        """the latest first"""
        self.pictures: dict[tuple[str, int], bytes] = {}
        """job and number of the note -> a JPEG"""
        self.videos: dict[str, bytes] = {}
        """avatar -> its body's video; avatar/action -> an action's"""
        self.uploads: list[dict[str, Any]] = []
        """fields of the forms; `files` has name and size of each file"""
        self.refusal: Callable[[], web.Response] | None = None
        """what an upload is answered with, after it was read"""
        self.held: asyncio.Event | None = None
        """what is waited for before an upload is read on"""
        self.breaks = False
        """uploads are broken off"""
        self.preview = b""
        """a JPEG of what MuseTalk's controls change"""
        self.previews: list[tuple[bytes, dict[str, Any]]] = []
        """pictures and recipes that one was asked for of"""
        self.preview_held: asyncio.Event | None = None
        """what a preview waits for"""
        self.plans: list[dict[str, Any]] = []
        """that were asked for"""
        self.plan_held: asyncio.Event | None = None
        """what is waited for before one is kept"""
        self.followed: list[str] = []
        """jobs whose events were asked for"""
        self._listeners: dict[str, list[asyncio.Queue[bytes]]] = {}

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [
            web.get("/api/avatars", self._list),
            web.post("/api/avatars", self._create),
            web.get("/api/avatars/{id}", self._show),
            web.patch("/api/avatars/{id}", self._rename),
            web.delete("/api/avatars/{id}", self._delete),
            web.get("/api/avatars/{id}/video", self._video),
            web.post("/api/avatars/{id}/actions", self._act),
            web.post("/api/avatar-preview", self._preview),
            web.delete("/api/avatars/{id}/actions/{name}", self._forget_action),
            web.put("/api/avatars/{id}/plan", self._plan),
            web.get("/api/avatar-jobs", self._jobs),
            web.delete("/api/avatar-jobs/{job}", self._cancel),
            web.get("/api/avatar-jobs/{job}/events", self._events),
            web.get("/api/avatar-jobs/{job}/pictures/{number}", self._picture),
        ]

    def begin(self, job_id: str, avatar_id: str, **more: Any) -> dict[str, Any]:
        """A job, as somebody asked for it."""
        asked = {"id": job_id, "avatar": avatar_id, "action": "", "name": ""}
        rest: dict[str, Any] = {
            "state": "waiting",
            "step": None,
            "share": 0.0,
            "progress": 0.0,
            "notes": [],
            "error": "",
        }
        self.jobs.insert(0, {**asked, **rest, "began": time.time(), "ended": None, **more})
        return self.jobs[0]

    def change(self, job_id: str, **change: Any) -> None:
        """Tell those who follow it."""
        job = next(each for each in self.jobs if each["id"] == job_id)
        job.update(change)
        if job["state"] in ("done", "failed", "cancelled"):
            job["ended"] = time.time()
        for listener in self._listeners.get(job_id, []):
            listener.put_nowait(_encoded(job))

    def done(self, job_id: str, name: str) -> None:
        """It is made, and on the shelf."""
        job = next(each for each in self.jobs if each["id"] == job_id)
        self.avatars.append(avatar(job["avatar"], name))
        self.change(job_id, state="done", progress=1.0)

    def acted(self, job_id: str) -> None:
        """The action is added."""
        job = next(each for each in self.jobs if each["id"] == job_id)
        found = next(each for each in self.avatars if each["id"] == job["avatar"])
        found["actions"].append(job["action"])
        found["action_clips"].append({"name": job["action"], "seconds": 2.0, "sound": False})
        self.change(job_id, state="done", progress=1.0)

    def hang_up(self) -> None:
        """End all streams, as a restart would."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.put_nowait(b"")

    async def _list(self, _request: web.Request) -> web.Response:
        return success(self.avatars)

    async def _show(self, request: web.Request) -> web.Response:
        return success(self._find(request))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = await self._read(request)
        if self.refusal is not None:
            return self.refusal()
        self.uploads.append(form)
        number = len(self.uploads)
        return _begun(self.begin(f"job{number}", f"made{number}"))

    async def _act(self, request: web.Request) -> web.StreamResponse:
        form = await self._read(request)
        if self.refusal is not None:
            return self.refusal()
        self.uploads.append(form)
        found = self._find(request)
        return _begun(self.begin(f"job{len(self.uploads)}", found["id"], action=form["name"]))

    async def _read(self, request: web.Request) -> dict[str, Any]:
        """A form's fields, and name and size of its files."""
        if self.breaks:
            assert request.transport is not None
            request.transport.abort()
        form: dict[str, Any] = {"files": []}
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            assert isinstance(part, BodyPartReader)
            if part.name != "file":
                form[str(part.name)] = await part.text()
                continue
            size = 0
            while piece := await part.read_chunk(1 << 18):
                size += len(piece)
                if self.held is not None:
                    await self.held.wait()
            form["files"].append((part.filename, size))
        return form

    async def _preview(self, request: web.Request) -> web.Response:
        form = await request.post()
        source, options = form["source"], form["options"]
        assert isinstance(source, web.FileField)
        self.previews.append((source.file.read(), json.loads(str(options))))
        if self.preview_held is not None:
            await self.preview_held.wait()
        if self.refusal is not None:
            return self.refusal()
        return web.Response(body=self.preview, content_type="image/jpeg")

    async def _forget_action(self, request: web.Request) -> web.Response:
        if self.refusal is not None:
            return self.refusal()
        found, name = self._find(request), request.match_info["name"]
        found["action_clips"] = [each for each in found["action_clips"] if each["name"] != name]
        found["actions"].remove(name)
        return success(found)

    async def _plan(self, request: web.Request) -> web.Response:
        plan = (await request.json())["plan"]
        self.plans.append(plan)
        if self.plan_held is not None:
            await self.plan_held.wait()
        if self.refusal is not None:
            return self.refusal()
        found = self._find(request)
        found["plan"] = plan
        return success(found)

    async def _rename(self, request: web.Request) -> web.Response:
        name = (await request.json())["name"]
        if not name.isprintable():
            return failure(400, "a name has 1 to 80 characters that can be printed")
        found = self._find(request)
        found["name"] = name
        return success(found)

    async def _delete(self, request: web.Request) -> web.Response:
        self.avatars.remove(self._find(request))
        return success(None)

    async def _video(self, request: web.Request) -> web.Response:
        body = self.videos.get("/".join((request.match_info["id"], *request.query.values())))
        if body is None:
            return failure(404, "it has no video, it is a folder of pictures")
        return web.Response(body=body, content_type="video/mp4")

    async def _jobs(self, _request: web.Request) -> web.Response:
        return success(self.jobs)

    async def _cancel(self, request: web.Request) -> web.Response:
        self.change(request.match_info["job"], state="cancelled")
        return success(next(each for each in self.jobs if each["id"] == request.match_info["job"]))

    async def _picture(self, request: web.Request) -> web.Response:
        body = self.pictures[request.match_info["job"], int(request.match_info["number"])]
        return web.Response(body=body, content_type="image/jpeg")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        job_id = request.match_info["job"]
        job = next((each for each in self.jobs if each["id"] == job_id), None)
        if job is None:
            return failure(404, "no avatar is being made under this id")
        self.followed.append(job_id)
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._listeners.setdefault(job_id, []).append(waiting)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        with contextlib.suppress(ConnectionResetError):  # the page was left
            await response.prepare(request)
            await response.write(_encoded(job))
            while job["state"] in ("waiting", "working") and (block := await waiting.get()):
                await response.write(block)
        return response

    def _find(self, request: web.Request) -> dict[str, Any]:
        return next(each for each in self.avatars if each["id"] == request.match_info["id"])


def avatar(avatar_id: str, name: str, **more: Any) -> dict[str, Any]:
    """What the server tells of one."""
    size = {"width": 512, "height": 512, "seconds": 8.0, "engines": ["viseme"]}
    acts = {"actions": [], "action_clips": [], "plan": {}, "takes_actions": True}
    return {"id": avatar_id, "name": name, **size, **acts, "usable": True, "default": False, **more}


def acting(avatar_id: str, name: str, *actions: tuple[str, float, bool], **more: Any) -> dict[str, Any]:
    """One with actions, each its name, its seconds, and whether it has a sound."""
    clips = [{"name": each, "seconds": seconds, "sound": sound} for each, seconds, sound in actions]
    names = [each for each, _, _ in actions]
    return avatar(avatar_id, name, actions=names, action_clips=clips, **more)


def _begun(job: dict[str, Any]) -> web.Response:
    return web.json_response({"code": 0, "msg": "ok", "data": job}, status=202)


def _encoded(job: dict[str, Any]) -> bytes:
    return f"event: job\ndata: {json.dumps(job)}\n\n".encode()


__all__ = ["FakeWorkshop", "acting", "avatar"]
