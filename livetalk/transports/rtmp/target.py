"""Where to push to: an RTMP URL, taken apart; its stream key is a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from livetalk.errors import OutputError

PORTS = {"rtmp": 1935, "rtmps": 443}
"""scheme -> TCP port that is meant where none is given"""
LIKE = "it looks like rtmp://HOST[:PORT]/APPLICATION/KEY, or rtmps://...; without a key it ends in /"


@dataclass(frozen=True, slots=True)
class Target:
    """A stream of a server."""

    scheme: str
    host: str
    port: int
    app: str = field(repr=False)
    key: str = field(repr=False)
    """name of the stream, which some servers do without, and what follows it after a question mark"""

    @property
    def shown(self) -> str:
        """The server, for people; the path is left out, since the key stands in it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    @property
    def address(self) -> str:
        """What RTMP calls tcUrl: all but the key."""
        return f"{self.shown}/{self.app}"

    def without_key(self, text: str) -> str:
        """What a server said, fit to be shown."""
        for secret in (self.key, self.key.partition("?")[0]):
            text = text.replace(secret, "...") if secret else text
        return text


def parse_target(url: str) -> Target:
    """Take a URL apart: what follows the path's last slash is the key, what is before it the application.

    Raises:
        OutputError: it is no such URL; says what one looks like, and does not repeat it.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise OutputError(f"an RTMP target has a bad host or port; {LIKE}") from error
    if scheme not in PORTS:
        raise OutputError(f"an RTMP target begins with rtmp:// or rtmps://; {LIKE}")
    if not host:
        raise OutputError(f"an RTMP target lacks its host; {LIKE}")
    if parts.username is not None:
        raise OutputError("an RTMP target has no user before its host; put it after the key: /KEY?user=...")
    app, _, name = parts.path.removeprefix("/").rpartition("/")
    if not app:
        raise OutputError(f"an RTMP target lacks its application or its stream key; {LIKE}")
    key = f"{name}?{parts.query}" if parts.query else name
    return Target(scheme, host, port or PORTS[scheme], app, key)


__all__ = ["Target", "parse_target"]
