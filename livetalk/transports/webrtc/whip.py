"""WHIP out: pushes what a session plays to a WHIP server (RFC 9725), again and again if it has to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import ClientSession
from aiortc import RTCBundlePolicy, RTCIceServer
from yarl import URL

from livetalk.errors import LivetalkError
from livetalk.protocols import MediaSource, OutputOptions, OutputState, OutputStatus, VideoCodec
from livetalk.transports.backoff import Backoff
from livetalk.transports.webrtc.connection import Ties
from livetalk.transports.webrtc.endpoint import Endpoint, Published, PublishError, Target
from livetalk.transports.webrtc.ice import bind_within
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.patience import Patience
from livetalk.transports.webrtc.peer import Peer, PeerOptions
from livetalk.worker import Worker

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

CODECS: Sequence[VideoCodec] = ("h264", "vp8")
CONNECT_LIMIT_S = 15.0
"""from the server's answer to a connection"""


class WhipOutput:
    """Publishes to one endpoint, on a thread and an event loop of its own."""

    def __init__(self, target: str, options: OutputOptions) -> None:
        """Read `whip+https://TOKEN@host/path`.

        Raises:
            OutputError: the target is not like that.
            SettingsError: an ICE server is malformed.
        """
        self._target = Target.parse(target)
        first = options.video.codec
        self._options = PeerOptions(
            codecs=[first, *(codec for codec in CODECS if codec != first)],
            video=options.video,
            ice_servers=IceServers(options.ice_servers()),
            connect_limit_s=CONNECT_LIMIT_S,
        )
        self._ice_servers = options.ice_servers
        self._udp_ports = options.udp_ports
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._peer: Peer | None = None
        self._told_ice: Sequence[RTCIceServer] = ()
        """what the server named; used from the next attempt on, since it says so after the offer was made"""
        self._state: OutputState = "starting"
        self._detail = ""
        self._ticks = 0
        self._dropped = 0
        self._connections = 0

    def start(self, source: MediaSource) -> None:
        """Begin; returns at once, connecting is its own affair."""
        loop = self._loop = asyncio.new_event_loop()
        if self._udp_ports is not None:
            bind_within(loop, self._udp_ports)

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._publish_until_stopped(source))

        self._worker = Worker("whip", run)
        self._worker.start()

    def stop(self) -> None:
        """End, and tell the server; nothing happens if it ended before.

        Raises:
            StageError: its thread did not end in time.
        """
        if self._loop is None or self._worker is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._worker.wait()

    def status(self) -> OutputStatus:
        """How it is; any thread may ask."""
        peer = self._peer
        live = peer is not None and peer.connected
        ticks, dropped = (peer.sending.ticks, peer.sending.dropped) if peer else (0, 0)
        return OutputStatus(
            "live" if live else self._state,
            "" if live else self._detail,
            self._ticks + ticks,
            self._dropped + dropped,
            max(0, self._connections + live - 1),
        )

    # -- inside, on its own loop --------------------------------------------------------------------

    async def _publish_until_stopped(self, source: MediaSource) -> None:
        backoff = Backoff()
        async with ClientSession() as http:
            while not self._stopping.is_set():
                connections, began = self._connections, time.monotonic()
                wait_s = await self._attempt(source, Endpoint(http, self._target))
                if wait_s is None:
                    lived_s = time.monotonic() - began if self._connections > connections else 0.0
                    wait_s = backoff.next_s(lived_s)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), wait_s)
        self._tell("stopped")

    async def _attempt(self, source: MediaSource, endpoint: Endpoint) -> float | None:
        """Publish until the connection is lost; how long to wait then, where that is known."""
        gone = asyncio.Event()
        peer = self._peer = Peer(
            source,
            replace(self._options, ice_servers=IceServers(self._ice_servers())),
            on_dropped=lambda: None,
            ties=Ties(on_gone=gone.set),
            bundle=RTCBundlePolicy.MAX_BUNDLE,
            more_ice_servers=self._told_ice,
            patience=Patience(learns=True),
        )
        resource = None
        try:
            published = await self._unless_stopped(_publish(peer, endpoint))
            if published is not None:
                resource, self._told_ice = published.resource, published.ice_servers
                await peer.accept(published.answer)
                await self._unless_stopped(gone.wait())
                if gone.is_set():
                    self._tell("waiting", f"the connection to {self._target.name} {_how_lost(peer)}")
        except LivetalkError as error:
            self._tell("waiting", str(error))
            return error.retry_s if isinstance(error, PublishError) else None
        except Exception:  # of aiortc, whatever the other side made it stumble over
            logger.exception("publishing failed")
            self._tell("waiting", "publishing failed; see the server's log")
        finally:
            self._count(peer)
            await self._leave(peer, endpoint, resource)
        return None

    async def _unless_stopped(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """What comes of it; None where we are to stop before."""
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait((task,))
        return None

    def _count(self, peer: Peer) -> None:
        self._peer = None
        self._ticks += peer.sending.ticks
        self._dropped += peer.sending.dropped
        self._connections += peer.connected

    async def _leave(self, peer: Peer, endpoint: Endpoint, resource: URL | None) -> None:
        await peer.close()
        if resource is None:
            return
        try:
            await endpoint.end(resource)
        except PublishError as error:
            logger.info("%s", error)

    def _tell(self, state: OutputState, detail: str = "") -> None:
        if detail and detail != self._detail:
            logger.warning("WHIP: %s", detail)
        self._state, self._detail = state, detail


async def _publish(peer: Peer, endpoint: Endpoint) -> Published:
    return await endpoint.publish(await peer.offer())


def _how_lost(peer: Peer) -> str:
    return "was lost" if peer.connected else "was not made; its UDP ports may be blocked"


__all__ = ["WhipOutput"]
