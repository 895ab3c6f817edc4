"""A hub and its store on this machine, speaking as the real ones do on the wire, and failing on demand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from livetalk.models.catalogue import File, Source

REPO, REVISION = "people/faces", "0123456789abcdef0123456789abcdef01234567"
SMALL = 100
"""bytes; what is smaller is answered by the hub itself, what is larger by its store"""


@dataclass
class Faults:
    """What goes wrong; each number and name counts once for each entry."""

    statuses: list[int] = field(default_factory=list)
    """the hub's next answers"""
    cuts: list[int] = field(default_factory=list)
    """the store's next answers end after so many bytes"""
    deaf_to_ranges: bool = False
    wrong_bytes: bool = False
    page: bytes = b""
    """what comes instead of any file, as of a login page"""
    silent: bool = False
    """nothing comes at all"""
    says_nothing: bool = False
    """redirects come without a word on the file, as of a simple mirror"""
    location: str = ""
    """where the hub redirects to instead of its store"""
    renamed: bool = False
    """the repository has another name now: a redirect on the hub itself"""


@dataclass(frozen=True)
class Request:
    """What arrived."""

    server: str
    method: str
    path: str
    token: str | None
    range: str | None


class HubServer:
    """Holds the files, and remembers what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults = Faults()
        self.requests: list[Request] = []
        self.go_on = threading.Event()
        """ends the silence"""
        self._hub, self._store = (_Server(self, name) for name in ("hub", "store"))

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT is to be."""
        return f"http://127.0.0.1:{self._hub.server_port}"

    @property
    def store(self) -> str:
        """Where large files are."""
        return f"http://127.0.0.1:{self._store.server_port}"

    def add(self, place: str, content: bytes, *, known: bool = True) -> File:
        """Publish a file, at the same path as below the models' folder."""
        self.files[place] = content
        sha256 = hashlib.sha256(content).hexdigest() if known else None
        return File(place, Source(REPO, REVISION, place), len(content), sha256)

    def asked(self, server: str, method: str = "GET") -> list[Request]:
        """What one of the two was asked."""
        return [each for each in self.requests if (each.server, each.method) == (server, method)]


@contextmanager
def running() -> Iterator[HubServer]:
    """A hub that runs."""
    server = HubServer()
    both = (server._hub, server._store)
    threads = [threading.Thread(target=each.serve_forever, args=(0.01,)) for each in both]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.go_on.set()
        for each in both:
            each.shutdown()
            each.server_close()
        for thread in threads:
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, owner: HubServer, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner
        self.name = name


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        owner, own = self.server.owner, self.headers
        owner.requests.append(
            Request(self.server.name, self.command, self.path, own["Authorization"], own["Range"])
        )
        if owner.faults.silent:
            owner.go_on.wait()
            self.close_connection = True
        elif owner.faults.page:
            self._answer(200, owner.faults.page, {"Content-Type": "text/html"})
        elif self.server.name == "hub":
            self._as_hub(owner)
        else:
            self._as_store(owner)

    do_HEAD = do_GET

    def _as_hub(self, owner: HubServer) -> None:
        if owner.faults.statuses:
            self._answer(owner.faults.statuses.pop(0), b"no")
            return
        path = self.path
        if owner.faults.renamed and "/resolve/" in path and not path.startswith("/renamed/"):
            self._answer(307, b"", {"Location": f"/renamed{path}"})
            return
        cached = path.startswith("/api/resolve-cache/models/")
        name = path.partition(f"/{REVISION}/")[2]
        content = owner.files.get(name)
        if content is None:
            self._answer(404, b"Entry not found", {"X-Error-Code": "EntryNotFound"})
            return
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if cached:
            self._answer(200, content, {"ETag": f'"{blob}"'})
        elif len(content) < SMALL:
            place = f"/api/resolve-cache/models/{REPO}/{REVISION}/{name}"
            self._answer(307, b"Temporary Redirect", {"Location": place, "X-Repo-Commit": REVISION})
        else:
            linked = {
                "X-Linked-Size": str(len(content)),
                "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Repo-Commit": REVISION,
            }
            told = {} if owner.faults.says_nothing else linked
            place = owner.faults.location or f"{owner.store}/{name}?signed=1"
            self._answer(302, b"Found. Redirecting", {**told, "Location": place})

    def _as_store(self, owner: HubServer) -> None:
        content = owner.files[self.path.removeprefix("/").partition("?")[0]]
        if owner.faults.wrong_bytes:
            content = bytes(len(content))
        asked = self.headers["Range"]
        if asked and not owner.faults.deaf_to_ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            told = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206, content[start:], {"Content-Range": told})
        else:
            self._answer(200, content)

    def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        cuts = self.server.owner.faults.cuts
        with suppress(ConnectionError):  # the other end may have had enough
            self.wfile.write(content[: cuts.pop(0)] if cuts and self.server.name == "store" else content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
