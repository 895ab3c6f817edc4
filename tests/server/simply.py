"""Simple clients for tests: each with a cookie jar of its own."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiohttp import ClientSession, CookieJar, web
from av.container import InputContainer

from livetalk.server.app import build
from livetalk.settings import Settings
from tests.server.conftest import Client, FakeService

SECOND = "word " * 10
"""what the fake voice says in a second"""


@asynccontextmanager
async def another(client: Client, **headers: str) -> AsyncIterator[ClientSession]:
    """Another client of the same server."""
    jar = CookieJar(unsafe=True)  # which keeps those of addresses without a name
    async with ClientSession(client.make_url("/"), cookie_jar=jar, headers=headers) as session:
        yield session


async def post(client: Client | ClientSession, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """POST some JSON; the status and the body come back."""
    async with client.post(path, json=body) as response:
        return response.status, await response.json()


async def job(client: Client | ClientSession, job_id: str) -> dict[str, Any]:
    """How a job is."""
    async with client.get(f"/status/{job_id}") as response:
        body = await response.json()
        assert response.status == 200, body
        told: dict[str, Any] = body["data"]
        return told


async def job_is(client: Client | ClientSession, job_id: str, *states: str) -> dict[str, Any]:
    """How a job is, once it is in one of these states."""
    told = await job(client, job_id)
    while told["state"] not in states:
        assert told["state"] in ("queued", "thinking", "speaking"), told
        told = await job(client, job_id)
    return told


def heard_s(film: bytes) -> tuple[float, float]:
    """Seconds of a film that are loud, and all of them."""
    with av.open(io.BytesIO(film)) as container:
        assert isinstance(container, InputContainer)
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    pieces = np.abs(sound[: len(sound) // 480 * 480].reshape(-1, 480)).mean(axis=1)
    return float((pieces > 0.05).sum() * 480 / rate), len(sound) / rate


@asynccontextmanager
async def serving(service: FakeService, folder: Path) -> AsyncIterator[str]:
    """A server as it runs, its address: TestServer's would cancel what waits for a client that left."""
    runner = web.AppRunner(build(Settings(cache_dir=folder), service), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


__all__ = ["SECOND", "another", "heard_s", "job", "job_is", "post", "serving"]
