"""FFmpeg as a stream server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bench.stream_server import free_port, pulled

FFMPEG = shutil.which("ffmpeg")


class ListeningFfmpeg:
    """A server for one stream, which it stores."""

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
