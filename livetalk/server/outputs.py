"""Outputs by their names: where the operator lets sessions be carried, started and stopped by callers.

A caller names an output, never a URL: nothing here connects to where a client says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from livetalk.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    OutputError,
    PluginError,
    SettingsError,
    Unavailable,
)
from livetalk.protocols import Output, OutputOptions, OutputStatus
from livetalk.registry import make_output
from livetalk.server.answers import ok
from livetalk.server.attendance import Attendance
from livetalk.server.requests import OutputRequest, OutputStop, read_json
from livetalk.server.threads import in_thread, in_thread_or_undone
from livetalk.session import Session


@dataclass(frozen=True, slots=True)
class _Running:
    """An output at work for a session."""

    session_id: str
    name: str
    output: Output


class Outputs:
    """`/outputs`: an output holds its session open until it is stopped."""

    def __init__(self, attendance: Attendance, targets: Mapping[str, str], options: OutputOptions) -> None:
        """Take targets by their names, each looked at once, so that a wrong one is told at the start.

        Raises:
            SettingsError: a target is malformed, or of a kind that is not installed.
        """
        for name, target in targets.items():
            try:
                make_output(target, options)
            except (OutputError, PluginError) as error:
                raise SettingsError(f"outputs: {name}: {error}") from error
        self._attendance = attendance
        self._targets = targets
        self._options = options
        self._running: dict[str, _Running] = {}
        self._starting: set[tuple[str, str]] = set()
        """session and name of those that begin just now"""

    @property
    def names(self) -> list[str]:
        """What callers may ask for."""
        return sorted(self._targets)

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/outputs", self.post),
            web.get("/outputs", self.list),
            web.post("/outputs/stop", self.post_stop),
        ]

    async def start(self, session_id: str, name: str) -> str:
        """Carry a session to an output; returns an id to stop it by.

        Raises:
            NotFound: there is no such session.
            InvalidRequest: there is no such output.
            Conflict: the session goes there already.
            Unavailable: it cannot work here; says why.
        """
        session = self._attendance.session(session_id)
        if name not in self._targets:
            raise InvalidRequest(
                f"no output {name!r}; there are: {', '.join(self.names) or 'none'} (setting outputs)"
            )
        going = {each.name for each in self._running.values() if each.session_id == session_id}
        if name in going or (session_id, name) in self._starting:
            raise Conflict(f"this session goes to {name!r} already; stop that output first")
        self._starting.add((session_id, name))
        try:
            return await self._start(session, name)
        except (OutputError, PluginError) as error:
            raise Unavailable(str(error)) from error
        finally:
            self._starting.discard((session_id, name))

    async def _start(self, session: Session, name: str) -> str:
        output = make_output(self._targets[name], self._options)
        await in_thread_or_undone(
            lambda: output.start(session.broadcast), undo=lambda _started: output.stop()
        )

        async def close() -> None:
            self._running.pop(output_id, None)
            await in_thread(output.stop)

        try:
            output_id = self._attendance.attach(session.id, close)
        except NotFound:
            await in_thread(output.stop)
            raise
        self._running[output_id] = _Running(session.id, name, output)
        return output_id

    async def stop(self, session_id: str, output_id: str) -> None:
        """End an output; the session ends with what holds it last.

        Raises:
            NotFound: there is no such output.
        """
        running = self._running.get(output_id)
        if running is None or running.session_id != session_id:
            raise NotFound("no such output; it may have been stopped already")
        await self._attendance.detach(session_id, output_id)

    def statuses(self, session_id: str) -> dict[str, tuple[str, OutputStatus]]:
        """The outputs of a session: id -> name, and how it is."""
        return {
            key: (each.name, each.output.status())
            for key, each in self._running.items()
            if each.session_id == session_id
        }

    async def post(self, request: web.Request) -> web.Response:
        """Start one."""
        body = await read_json(request, OutputRequest)
        return ok({"id": await self.start(body.sessionid, body.output)})

    async def list(self, request: web.Request) -> web.Response:
        """Those of a session, and how they are."""
        session_id = request.query.get("sessionid")
        if session_id is None:
            raise InvalidRequest("name the session: /outputs?sessionid=...")
        self._attendance.session(session_id)
        return ok([_told(key, *each) for key, each in self.statuses(session_id).items()])

    async def post_stop(self, request: web.Request) -> web.Response:
        """End one."""
        body = await read_json(request, OutputStop)
        await self.stop(body.sessionid, body.id)
        return ok()


def _told(output_id: str, name: str, status: OutputStatus) -> dict[str, Any]:
    return {
        "id": output_id,
        "output": name,
        "state": status.state,
        "detail": status.detail,
        "ticks": status.ticks,
        "dropped": status.dropped,
        "reconnects": status.reconnects,
    }


__all__ = ["Outputs"]
