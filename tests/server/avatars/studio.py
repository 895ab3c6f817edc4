"""Asking a server for avatars, and following how they are made."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import FormData

from tests.clips import Colours, mira, write_photo
from tests.server.asking import answer
from tests.server.conftest import Client

LIMIT_S = 60


def form(path: Path, **fields: str) -> FormData:
    """A form that brings a file."""
    data = FormData()
    for name, value in fields.items():
        data.add_field(name, value)
    data.add_field("file", path.read_bytes(), filename=path.name)
    return data


def photo(tmp_path: Path, colours: Colours | None = None) -> Path:
    """A picture on disk, of a face if of nothing else."""
    return write_photo(tmp_path / "face.png", mira(1)[0] if colours is None else colours)


async def begun(client: Client, data: FormData) -> str:
    """The id of the job that a form began."""
    status, body = await answer(client, "/api/avatars", data=data)
    assert status == 202, body
    return str(body["data"]["id"])


async def followed(client: Client, job_id: str) -> list[dict[str, Any]]:
    """All that a job tells by server-sent events; they end with it."""
    told = []
    async with client.get(f"/api/avatar-jobs/{job_id}/events") as response:
        assert response.content_type == "text/event-stream"
        async for line in response.content:
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
    return told


async def done(client: Client, data: FormData) -> dict[str, Any]:
    """A job's end."""
    job_id = await begun(client, data)
    return (await asyncio.wait_for(followed(client, job_id), LIMIT_S))[-1]


async def get(client: Client, path: str) -> tuple[int, Any]:
    """Status and data of an answer."""
    async with client.get(path) as response:
        return response.status, (await response.json())["data"]


async def gone(folder: Path) -> None:
    """Wait until nothing is in a folder."""
    while list(folder.iterdir()):
        await asyncio.sleep(0.02)


__all__ = ["LIMIT_S", "begun", "done", "followed", "form", "get", "gone", "photo"]
