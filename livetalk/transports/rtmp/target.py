"""Where to push to: an RTMP URL, taken apart; its stream key is a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from livetalk.errors import OutputError

PORTS = {"rtmp": 1935, "rtmps": 443}
"""scheme -> TCP port that is meant where none is given"""
MOST_SAID = 300
"""characters of what a server said that are shown"""
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

    def plain(self, said: str) -> str:
        """What a server said, fit to be shown: without secrets, on one line, not for ever."""
        for secret in self._secrets():
            said = said.replace(secret, "...")
        line = " ".join("".join(each if each.isprintable() else " " for each in said).split())
        return line if len(line) <= MOST_SAID else f"{line[:MOST_SAID]} ..."

    def _secrets(self) -> list[str]:
        """The key and its parts, as written and as a server may have read them; the longest first."""
        name, _, query = self.key.partition("?")
        values = [value for each in query.split("&") if (value := each.partition("=")[2])]
        parts = [self.key, name, *values]
        return sorted({*parts, *map(unquote, parts)} - {""}, key=len, reverse=True)


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
