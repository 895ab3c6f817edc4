"""Which servers are asked through the proxy that the system names: all but those on this machine."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_here(url: str) -> bool:
    """Whether a server is on this machine, to which no proxy leads."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


__all__ = ["is_here"]
