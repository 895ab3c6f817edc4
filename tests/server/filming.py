"""Recording over HTTP, and what became of it."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import av
from av.container import InputContainer

from tests.server.conftest import Client, within


async def record(client: Client, session_id: str, what: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """Begin or end; the status, and what was answered."""
    body = {"sessionid": session_id, "type": f"{what}_record"}
    async with client.post("/record", json=body, headers=headers) as response:
        return response.status, await response.json()


async def listed(client: Client, session_id: str) -> list[dict[str, Any]]:
    """The recordings of a session."""
    async with client.get("/recordings", params={"sessionid": session_id}) as response:
        assert response.status == 200
        found: list[dict[str, Any]] = (await response.json())["data"]
        return found


async def begun(client: Client, session_id: str) -> str:
    """Record until some of it is on disk; the recording's id."""
    status, body = await record(client, session_id, "start")
    assert status == 200, body

    async def written() -> None:
        while (await listed(client, session_id))[-1]["bytes"] < 2000:
            await asyncio.sleep(0.02)

    await within(written())
    return str(body["data"]["id"])


def pictures(film: bytes) -> int:
    """How many pictures can be decoded."""
    with av.open(io.BytesIO(film)) as container:
        assert isinstance(container, InputContainer)
        return len([*container.decode(video=0)])


async def fetched(client: Client, path: str, **headers: str) -> tuple[int, bytes]:
    async with client.get(path, headers=headers) as response:
        return response.status, await response.read()


async def ended(client: Client, session_id: str) -> dict[str, Any]:
    """What is told of a session's only recording, once it is over."""

    async def over() -> None:
        while (await listed(client, session_id))[0]["state"] == "recording":
            await asyncio.sleep(0.02)

    await within(over())
    [told] = await listed(client, session_id)
    return told


__all__ = ["begun", "ended", "fetched", "listed", "pictures", "record"]
