"""Requests to a running server, and what it tells."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.described import as_described
from tests.server.conftest import Client


async def answer(client: Client, path: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """POST; the status and the body come back."""
    async with client.post(path, **request) as response:
        return response.status, await response.json()


async def read_events(
    client: Client, session_id: str, until: str, listening: asyncio.Event | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Listen until an event of a name came."""
    events: list[tuple[str, dict[str, Any]]] = []
    async with client.get("/sse", params={"sessionid": session_id}) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        name = ""
        async for raw in response.content:
            line = raw.decode().rstrip("\n")
            if line == ": listening" and listening is not None:
                listening.set()
            elif line.startswith("event: "):
                name = line[len("event: ") :]
            elif line.startswith("data: "):
                fields = json.loads(line[len("data: ") :])
                as_described({**fields, "event": name})
                events.append((name, fields))
                if name == until:
                    return events
    return events


def of_turns(events: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Those that belong to a turn."""
    return [(name, fields) for name, fields in events if "turn" in fields]


__all__ = ["answer", "of_turns", "read_events"]
