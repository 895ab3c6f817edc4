"""How livetalk says yes and no."""

from __future__ import annotations

from typing import Any

from aiohttp import web


def success(data: Any) -> web.Response:
    """As livetalk says yes."""
    return web.json_response({"code": 0, "msg": "ok", "data": data})


def failure(status: int, message: str, retry_after_s: int | None = None) -> web.Response:
    """As livetalk says no."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return web.json_response({"code": status, "msg": message, "data": None}, status=status, headers=headers)


__all__ = ["failure", "success"]
