"""Recorder: what a session plays becomes an MP4 that can be played while it grows."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path

import av

from livetalk.errors import OutputError
from livetalk.protocols import MediaSource, OutputOptions, OutputState, OutputStatus, Tick
from livetalk.transports.muxer import TickMuxer
from livetalk.transports.newfile import NewFile
from livetalk.transports.steady import SteadyFeed
from livetalk.transports.synthetic import xmp_box
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

FRAGMENT_S = 0.5
"""of media between two writes: so much, and a little that waits in FFmpeg, is lost with a killed process"""
MP4 = {
    "movflags": "hybrid_fragmented+delay_moov+default_base_moof",
    "frag_duration": str(round(FRAGMENT_S * 1e6)),
    "flush_packets": "1",
}
"""fragments while it grows; at the end FFmpeg writes the index that makes it a plain MP4"""
HEAD = 8_192
"""bytes of a file without its packets, at the most"""
PER_PACKET = 56
"""bytes that a packet costs beside its own, in fragments and index, at the most"""
LARGEST_SOUND = 768
"""bytes of a packet of AAC, at the most (ISO 14496-3, 4.5.3)"""
BUFFER = 1 << 20
"""bytes: fragments are smaller, so that each is written at once"""


class Recorder:
    """Records into a new file; it ends by `stop`, at its limit, or where no more can be written.

    Beside the file FFmpeg keeps its index in memory until the end, some 18 MB an hour.
    """

    def __init__(self, path: Path, options: OutputOptions, limit_bytes: int | None = None) -> None:
        """Record to `path`, which must not be there yet; `limit_bytes` is the most that it may become."""
        self.path = path
        self._audio_bitrate = options.audio_bitrate
        self._limit = limit_bytes
        self._feed = SteadyFeed(options.video, options.key_frame_s)
        self._worker = Worker(f"recorder {path.name}", self._run)
        self._file: NewFile | None = None
        self._state: OutputState = "starting"
        self._detail = ""
        self._ticks = 0
        self._written = threading.Condition()

    def start(self, source: MediaSource) -> None:
        """Begin.

        Raises:
            OutputError: there is such a file, or it cannot be made; says why.
        """
        try:
            self._file = NewFile(self.path)
        except FileExistsError as error:
            raise OutputError(f"{self.path} is there already; choose another name") from error
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error
        self._worker.start()
        self._feed.open(source)

    def stop(self) -> None:
        """End; the file is whole then.

        Raises:
            StageError: what the file is on did not take the rest in time.
        """
        self._feed.close()
        self._worker.wait()

    def status(self) -> OutputStatus:
        """How it is."""
        return OutputStatus(self._state, self._detail, self._ticks, self._feed.dropped)

    def wait_for(self, ticks: int, timeout_s: float) -> bool:
        """Wait until so many were written, or none will be any more; whether they were."""
        with self._written:
            self._written.wait_for(lambda: self._ticks >= ticks or self._over, timeout_s)
            return self._ticks >= ticks

    # -- the worker's -----------------------------------------------------------------------------

    def _run(self) -> None:
        assert self._file is not None
        try:
            with contextlib.closing(self._file) as file:
                try:
                    self._write(file)
                finally:
                    if file.failure:
                        file.cut()
        except (OSError, av.FFmpegError) as error:
            reason = (self._file.failure or error).strerror
            self._end("failed", f"the recording ended, its file took no more: {reason}")
            logger.error("recording to %s failed: %s", self.path, reason)
        except Exception:
            self._end("failed", "the recording broke; the log says why")
            logger.exception("recording to %s broke", self.path)
        finally:
            self._feed.close()

    def _write(self, file: NewFile) -> None:
        first = self._feed.next()
        if first is None or first.video is None:
            self.path.unlink(missing_ok=True)
            self._end("stopped", "nothing was played, so there is no file")
            return
        container = av.open(file, "w", "mp4", options=MP4, buffer_size=BUFFER)
        muxer = TickMuxer(container, first.video.size, self._audio_bitrate)
        try:
            self._add(muxer, first)
            self._state = "live"
            for tick in self._feed.ticks():
                if self._limit is not None and self._limit < most_bytes(muxer, tick):
                    self._end("stopped", f"it reached its limit of {self._limit / 1e6:g} MB")
                    break
                self._add(muxer, tick)
        finally:
            muxer.close()
        file.append(xmp_box())
        if self._state == "live":
            self._end("stopped", "")

    def _add(self, muxer: TickMuxer, tick: Tick) -> None:
        muxer.write(tick)
        with self._written:
            self._ticks += 1
            self._written.notify_all()

    @property
    def _over(self) -> bool:
        return self._state in ("failed", "stopped")

    def _end(self, state: OutputState, detail: str) -> None:
        with self._written:
            self._detail = detail
            self._state = state
            self._written.notify_all()


def most_bytes(muxer: TickMuxer, tick: Tick) -> int:
    """How large the file of a muxer can be once it ended, with one more tick."""
    assert tick.video is not None
    packets = 6  # the picture, the sound with it, and what its encoder holds back
    more = len(tick.video.payload) + (packets - 1) * LARGEST_SOUND
    return HEAD + muxer.payload + more + (muxer.packets + packets) * PER_PACKET


def record_to(target: str, options: OutputOptions) -> Recorder:
    """An output of the target `file:PATH`.

    Raises:
        OutputError: it names no file of an MP4.
    """
    name = target.partition(":")[2]
    path = Path(name.removeprefix("//"))
    if path.suffix.lower() != ".mp4":
        raise OutputError(f"a recording is an MP4: file:clip.mp4 or file:///folder/clip.mp4, not {target!r}")
    return Recorder(path, options)


__all__ = ["Recorder", "record_to"]
