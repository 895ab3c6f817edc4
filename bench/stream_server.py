"""nginx as a stream server, and FFmpeg as its viewer."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.errors import BenchError

MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
START_S = 20.0
PULL_S = 60.0
"""more than what was wanted, that a viewer gets to come to its end"""
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
    """nginx with its RTMP module, on a port of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Prepare it.

        Raises:
            BenchError: a program is missing.
        """
        nginx, ffmpeg = shutil.which("nginx"), shutil.which("ffmpeg")
        if nginx is None or ffmpeg is None or not MODULE.exists():
            raise BenchError("needs a stream server: apt-get install nginx libnginx-mod-rtmp ffmpeg")
        self._nginx, self._ffmpeg = nginx, ffmpeg
        self.port = free_port()
        self._folder = folder
        self._folder.mkdir()
        self._configuration = folder / "nginx.conf"
        self._configuration.write_text(
            CONFIGURATION.format(module=MODULE, folder=folder, port=self.port), encoding="ascii"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, key: str) -> str:
        """Of a stream there."""
        return f"rtmp://127.0.0.1:{self.port}/live/{key}"

    def start(self) -> None:
        """Run it, until it listens.

        Raises:
            BenchError: it does not.
        """
        log = self._folder / "error.log"
        self._process = subprocess.Popen(
            [self._nginx, "-p", self._folder, "-c", self._configuration, "-e", log]
        )
        end = time.monotonic() + START_S
        while not self._listens():
            if time.monotonic() > end or self._process.poll() is not None:
                raise BenchError(f"nginx did not start; see {log}")
            time.sleep(0.005)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def receives(self) -> bool:
        """RTMP goes over TCP: a push that is live is received."""
        return True

    def signal(self, number: signal.Signals) -> None:
        """Stop it for a while, or let it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def pull(self, key: str, seconds: float, target: Path) -> subprocess.Popen[bytes]:
        """Have FFmpeg store what a viewer gets of a stream; it gives up where nothing comes."""
        read = [self._ffmpeg, "-v", "error", "-rw_timeout", "20000000", "-i", self.url(key)]
        return subprocess.Popen([*read, "-t", str(seconds), "-c", "copy", target])

    def _listens(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(server: Nginx) -> Iterator[None]:
    """Run it until the block ends.

    Raises:
        BenchError: it does not start.
    """
    try:
        server.start()
        yield
    finally:
        server.kill()


def pulled(viewer: subprocess.Popen[bytes], limit_s: float = PULL_S) -> None:
    """Wait for a viewer to have got what it wanted.

    Raises:
        BenchError: it did not.
    """
    try:
        if viewer.wait(limit_s) != 0:
            raise BenchError("FFmpeg did not get the stream")
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"FFmpeg got no whole stream within {limit_s:g} s") from error
    finally:
        viewer.kill()
        viewer.wait()


__all__ = ["Nginx", "free_port", "pulled", "running"]
