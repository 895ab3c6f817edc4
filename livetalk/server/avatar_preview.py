"""The route of a preview: what MuseTalk's controls would redraw of a face, before an avatar is made of it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from aiohttp import web

from livetalk.avatar.recipe import Recipe
from livetalk.cancellation import Cancellation
from livetalk.creation.making import Places, make_preview
from livetalk.creation.naming import in_senders_names
from livetalk.errors import AvatarError, Cancelled, ModelError, TooManyRequests, Unavailable, Unprocessable
from livetalk.server.footage import FootageForm, FormLimits, read_form
from livetalk.server.making import CLOSED, MakingLimits, check_known, own_bench, recipe_of
from livetalk.server.threads import in_thread
from livetalk.server.waiting import while_there

AT_ONCE = 2
"""that are drawn at a time, each in a process of its own; others wait"""
MOST = 6
"""that are uploaded, wait and are drawn"""
ANSWER_LIMIT_S = 120.0
"""the first one fetches what finds faces"""
STOPPING = "the server is stopping; try again when it is back"
FILE, RECIPE = "source", "options"
"""the form's fields"""


class AvatarPreview:
    """Draws them in threads of its own; gives up where the caller does."""

    def __init__(self, places: Places, limits: MakingLimits) -> None:
        self._places = places
        self._limits = limits
        self._threads = ThreadPoolExecutor(AT_ONCE, "avatar-preview")
        self._places_left = threading.BoundedSemaphore(MOST)
        self._stopping = Cancellation()

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [web.post("/api/avatar-preview", self.preview)]

    async def preview(self, request: web.Request) -> web.Response:
        """Draw one of an upload, which is not kept."""
        if not self._limits.open:
            raise Unavailable(CLOSED)
        with ExitStack() as room:
            self._take_place(room)
            bench = await own_bench(self._places.avatars, room)
            uploaded = bench / "upload"
            uploaded.mkdir()
            form = await read_form(request, uploaded, FormLimits(self._limits.upload_bytes, 1, (FILE,)))
            check_known(form.fields, {RECIPE}, FILE)
            recipe = recipe_of(form.fields, field=RECIPE)
            picture = await self._drawn(request, form, recipe, bench, room)
        return web.Response(body=picture, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    def stop(self) -> None:
        """End those that are drawn, and draw no more."""
        self._stopping.cancel()

    async def close(self) -> None:
        """Let go of the threads, once nobody asks any more."""
        self.stop()
        await in_thread(self._threads.shutdown)

    def _take_place(self, room: ExitStack) -> None:
        if self._stopping():
            raise Unavailable(STOPPING)
        if not self._places_left.acquire(blocking=False):
            raise TooManyRequests(f"{MOST} previews are being drawn; try again in a moment")
        room.callback(self._places_left.release)

    async def _drawn(
        self, request: web.Request, form: FootageForm, recipe: Recipe, bench: Path, room: ExitStack
    ) -> bytes:
        cancel = Cancellation()
        work = partial(self._draw, form.source, recipe, bench, room.pop_all(), cancel)
        # never taken back from the pool: the thread alone ends the room, whoever waits for it or not
        drawing = asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, work))
        try:
            picture = await while_there(request, drawing, ANSWER_LIMIT_S, "the preview was not drawn")
        except AvatarError as error:
            raise Unprocessable(in_senders_names(str(error), form.names)) from error
        except ModelError as error:
            raise Unavailable(str(error)) from error
        finally:
            cancel.cancel()
        if picture is None:
            raise Unavailable(STOPPING)
        return picture

    def _draw(
        self, source: Path, recipe: Recipe, bench: Path, room: ExitStack, cancel: Cancellation
    ) -> bytes | None:
        """None where nobody wants it any more, perhaps since before it began."""
        with room:
            unwatch = self._stopping.watch(cancel.cancel)
            try:
                if cancel():
                    return None
                return make_preview(source, recipe, self._places, bench, lambda _told: None, cancel)
            except Cancelled:
                return None
            finally:
                unwatch()


__all__ = ["AvatarPreview"]
