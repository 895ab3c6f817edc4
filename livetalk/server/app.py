"""The application: routes, page and guards put together from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from livetalk.assets import asset
from livetalk.creation.jobs import Jobs
from livetalk.creation.making import Places
from livetalk.server.about import Abilities, About
from livetalk.server.actions import Actions
from livetalk.server.api import Api, ApiLimits
from livetalk.server.archive import Archive
from livetalk.server.attendance import Attendance
from livetalk.server.avatar_preview import AvatarPreview
from livetalk.server.avatar_tasks import AvatarTasks
from livetalk.server.backdrops import Backdrops
from livetalk.server.clients import Clients
from livetalk.server.cookies import add_issued
from livetalk.server.faces import Faces
from livetalk.server.making import Making, MakingLimits
from livetalk.server.options import output_options, peer_options
from livetalk.server.outputs import Outputs
from livetalk.server.personas import Personas
from livetalk.server.recordings import Recordings
from livetalk.server.security import Gate, plain_errors
from livetalk.server.shelf import AvatarShelf
from livetalk.server.simple import Simple
from livetalk.server.socket import Socket
from livetalk.server.studio import Studio
from livetalk.server.threads import in_thread
from livetalk.server.transcribing import Transcriber
from livetalk.server.watchers import Watchers
from livetalk.server.whep import Whep
from livetalk.server.whip import Whip
from livetalk.service import Service
from livetalk.settings import Settings, parse_outputs, parse_ports
from livetalk.transports.webrtc.ice import bind_within

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
PAGES = {"/": "index.html", "/avatars": "avatars.html"}
PAGE_FILES = ("favicon.svg",)
"""of the page, beside what is in its folders"""
PAGE_FOLDERS = ("js", "css")
FORM_OVERHEAD = 1 << 16
"""bytes of a form around its file"""


@dataclass(frozen=True, slots=True)
class House:
    """What serves the routes, for those who open sessions from inside."""

    service: Service
    attendance: Attendance
    faces: Faces
    outputs: Outputs


HOUSE = web.AppKey("house", House)


def build(settings: Settings, service: Service) -> web.Application:
    """The application that serves `service`.

    Raises:
        SettingsError: an ICE server or an output is malformed.
    """
    peers = peer_options(settings)
    outgoing = output_options(settings)
    attendance = Attendance(service, settings.idle_limit_s, settings.connect_limit_s)
    faces = Faces(service.avatars)
    watchers = Watchers(attendance, peers, service.metrics, settings.max_viewers, settings.text_limit)
    outputs = Outputs(attendance, parse_outputs(settings.outputs), outgoing)
    archive = Archive(settings.recordings_dir or settings.cache_dir / "recordings", settings.recordings_days)
    room = int(settings.recordings_mb * (1 << 20))
    studio = Studio(archive, attendance, outgoing, room, service.metrics)
    recordings = Recordings(studio, archive)
    token = settings.token.get_secret_value() if settings.token is not None else None
    hosts = (*LOOPBACK_NAMES, settings.host, *settings.allowed_hosts)
    upload_bytes = int(settings.upload_limit_mb * (1 << 20))
    limits = ApiLimits(settings.text_limit, upload_bytes, settings.clip_limit_s)
    transcriber = Transcriber(service, settings.clip_limit_s)
    simple = Simple(Clients(service, attendance, faces, studio), transcriber, studio, archive, limits)
    admits = (recordings.admits, simple.admits)
    gate = Gate(hosts, settings.cors_origins, token, lambda request: any(each(request) for each in admits))

    app = web.Application(
        middlewares=[plain_errors, gate.middleware()], client_max_size=upload_bytes + FORM_OVERHEAD
    )
    app.on_response_prepare.extend((gate.add_headers, add_issued))
    whip = Whip(attendance, peers.ice_servers, peers.connect_limit_s)
    models = [name for name in (settings.llm_model, *settings.llm_models) if name]
    api = Api(service, attendance, faces, watchers, limits, Personas(models), transcriber)
    abilities = Abilities(
        outputs=outputs.names,
        records=studio.open,
        makes_avatars=settings.make_avatars,
        avatar_upload_mb=settings.avatar_upload_mb if settings.make_avatars else 0,
        text_limit=settings.text_limit,
        needs_token=gate.needs_token,
    )
    about = About(service, peers.ice_servers, abilities)
    socket = Socket(service, settings.text_limit)
    whep = Whep(attendance, watchers)
    places = Places(settings.avatars_dir, settings.models_dir, settings.device)
    jobs = Jobs(places, service.avatars.forget)
    upload_bytes = int(settings.avatar_upload_mb * (1 << 20))
    making_limits = MakingLimits(upload_bytes, settings.make_avatars)
    making = Making(jobs, places, making_limits)
    preview = AvatarPreview(places, making_limits)
    own_faces = (AvatarShelf(service, jobs), making, AvatarTasks(making, jobs), preview)
    looks = (Actions(service), Backdrops(service))
    for handlers in (api, about, whep, whip, outputs, recordings, socket, simple, *own_faces, *looks):
        app.add_routes(handlers.routes())
    _add_page(app, asset("web"))
    app[HOUSE] = House(service, attendance, faces, outputs)
    app.cleanup_ctx.append(_running(attendance, faces, studio, transcriber, jobs, settings.udp_ports))
    app.on_shutdown.append(lambda _app: _end(attendance, jobs, preview))
    app.on_cleanup.append(lambda _app: preview.close())
    return app


async def _end(attendance: Attendance, jobs: Jobs, preview: AvatarPreview) -> None:
    """Streams of events end with their sessions, or jobs; who waits for a preview waits no more."""
    preview.stop()
    await attendance.stop()
    await in_thread(jobs.stop)


def _add_page(app: web.Application, web_folder: Path) -> None:
    async def page(request: web.Request) -> web.FileResponse:
        return web.FileResponse(web_folder / PAGES[request.path], headers={"Cache-Control": "no-cache"})

    async def file(request: web.Request) -> web.FileResponse:
        return web.FileResponse(web_folder / request.path[1:])

    for path in PAGES:
        app.router.add_get(path, page)
    for name in PAGE_FILES:
        app.router.add_get(f"/{name}", file)
    for folder in PAGE_FOLDERS:
        app.router.add_static(f"/{folder}", web_folder / folder)


def _running(
    attendance: Attendance,
    faces: Faces,
    studio: Studio,
    transcriber: Transcriber,
    jobs: Jobs,
    udp_ports: str | None,
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(_app: web.Application) -> AsyncIterator[None]:
        if udp_ports is not None:
            bind_within(asyncio.get_running_loop(), parse_ports(udp_ports))
        attendance.start()
        await studio.start()
        await in_thread(jobs.start)
        yield
        await attendance.stop()
        await in_thread(jobs.stop)
        await studio.stop()
        await transcriber.stop()
        await faces.stop()

    return running
