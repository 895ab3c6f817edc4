"""Addresses of the web: what can be one, and whether a proxy stands before it."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def is_address(text: str) -> bool:
    """Whether it can be the address of a server of the web."""
    try:
        parts = urlsplit(text)
        there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return there and parts.scheme in ("http", "https") and text.isprintable() and " " not in text


def by_proxy(address: str) -> str:
    """Words for an address that is reached through a proxy; none where it is reached directly."""
    parts = urlsplit(address)
    if parts.scheme not in getproxies() or proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy that {parts.scheme.upper()}_PROXY names"


__all__ = ["by_proxy", "is_address"]
