"""A stream server not written here, and players that pull from it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.transports.flashes import wait_until

NGINX = shutil.which("nginx")
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
FFMPEG = shutil.which("ffmpeg")
CONFIGURATION = """
load_module {module};
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log info; user root;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; ping 1s; application live {{ live on; }} }} }}
"""


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Nginx:
    """nginx with its RTMP module on a port of its own."""

    def __init__(self, folder: Path) -> None:
        if NGINX is None or not MODULE.exists() or FFMPEG is None:
            pytest.skip("needs nginx with RTMP, and FFmpeg: apt-get install nginx libnginx-mod-rtmp ffmpeg")
        self.port = free_port()
        self.folder = folder
        self.folder.mkdir()
        self._configuration = folder / "nginx.conf"
        self._configuration.write_text(
            CONFIGURATION.format(module=MODULE, folder=folder, port=self.port), encoding="ascii"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, key: str) -> str:
        """Of a stream there."""
        return f"rtmp://127.0.0.1:{self.port}/live/{key}"

    def start(self) -> None:
        """Run it, until it listens."""
        assert NGINX is not None
        begin = [NGINX, "-p", str(self.folder), "-c", str(self._configuration)]
        self._process = subprocess.Popen([*begin, "-e", str(self.folder / "error.log")])
        wait_until(self._listens)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Stop it for a while, or let it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def pull(self, key: str, seconds: float, target: Path) -> subprocess.Popen[bytes]:
        """Have FFmpeg store what a viewer gets of a stream; it gives up where nothing comes."""
        assert FFMPEG is not None
        read = [FFMPEG, "-v", "error", "-rw_timeout", "20000000", "-i", self.url(key)]
        return subprocess.Popen([*read, "-t", str(seconds), "-c", "copy", "-copyts", str(target)])

    def _listens(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def nginx(folder: Path) -> Iterator[Nginx]:
    """It, running."""
    server = Nginx(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


class ListeningFfmpeg:
    """FFmpeg as a server for one stream, which it stores."""

    def __init__(self, target: Path) -> None:
        if FFMPEG is None:
            pytest.skip("needs FFmpeg: apt-get install ffmpeg")
        self.url = f"rtmp://127.0.0.1:{free_port()}/live/face"
        take = [FFMPEG, "-v", "error", "-listen", "1", "-i", self.url, "-c", "copy", "-copyts", str(target)]
        self._process = subprocess.Popen(take)

    def wait(self) -> None:
        """Until it stored the stream."""
        pulled(self._process)

    def __enter__(self) -> ListeningFfmpeg:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def pulled(process: subprocess.Popen[bytes], limit_s: float = 60.0) -> None:
    """Wait for a player to have got what it wanted."""
    try:
        assert process.wait(limit_s) == 0
    finally:
        process.kill()
        process.wait()
