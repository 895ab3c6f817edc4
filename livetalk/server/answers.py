"""The body that every good answer has: `{code, msg, data}`, as LiveTalking's clients read it."""

from __future__ import annotations

from typing import Any

from aiohttp import web


def ok(data: Any = None, *, status: int = 200, **top_level: Any) -> web.Response:
    """200, with `data`, and whatever a route's older clients expect at the top level."""
    return web.json_response({"code": 0, "msg": "ok", "data": data, **top_level}, status=status)
