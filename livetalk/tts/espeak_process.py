"""The parent's end of the espeak-ng process: requests go in, each gets its own frames back."""

from __future__ import annotations

import itertools
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TypeAlias

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import Cancel
from livetalk.tts import espeak_worker as wire
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

POLL_S = 0.05
"""how soon a waiting request notices that it is cancelled"""
STALL_S = 10.0
"""a process that owes an answer and says nothing for so long is stuck"""

Frame: TypeAlias = tuple[bytes, bytes]
"""kind and payload, as in `espeak_worker`"""
_Replies: TypeAlias = "queue.SimpleQueue[Frame | None]"


class EspeakProcess:
    """One running process, and the two threads that read it.

    A request's frames wait in a queue of its own, so one that is read slowly holds up nobody. The caller
    keeps the queues small by asking for one short text at a time.
    """

    def __init__(self) -> None:
        """Start it, and wait until it can speak.

        Raises:
            ProviderError: it ends before that; why stands in the log.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", wire.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.pid = self._process.pid
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._numbers = itertools.count(1)
        self._ended = False
        self._heard_at = time.monotonic()
        self._replies: dict[int, _Replies] = {0: queue.SimpleQueue()}
        self._threads = [
            Worker("espeak-reader", self._read),
            Worker("espeak-log", self._log),
        ]
        for thread in self._threads:
            thread.start()
        try:
            hello = next(self._frames(0, Cancellation()))[1]
        except ProviderError:
            self.close()
            raise
        (self.rate,) = wire.HELLO_HEAD.unpack_from(hello)
        languages, _, variants = hello[wire.HELLO_HEAD.size :].decode().partition("\0")
        self.languages = languages.split("\n")
        self.variants = variants.split("\n")

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._ended

    def say(self, payload: bytes, cancel: Cancel) -> Iterator[Frame]:
        """Ask for a text to be spoken; yield its words and its sound. Frames after a cancel are thrown away.

        Raises:
            ProviderError: the process ends or is stuck, or it cannot speak this.
        """
        if cancel():
            return
        request = next(self._numbers)
        with self._lock:
            if self._ended:
                raise _lost()
            self._replies[request] = queue.SimpleQueue()
        try:
            self._send(request, payload)
            yield from self._frames(request, cancel)
        finally:
            with self._lock:
                self._replies.pop(request, None)

    def close(self) -> None:
        """End it; whoever still listens gets a ProviderError."""
        self._process.kill()
        for thread in self._threads:
            thread.wait()
        with self._writing:
            try:
                if self._process.stdin:
                    self._process.stdin.close()
            except BrokenPipeError:
                logger.debug("a request was not read to its end")

    def _send(self, request: int, payload: bytes) -> None:
        frame = wire.HEADER.pack(wire.SAY, request, len(payload)) + payload
        try:
            with self._writing:
                assert self._process.stdin is not None
                self._process.stdin.write(frame)
                self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            self._ended = True  # its reader may not have noticed yet
            raise _lost() from error

    def _frames(self, request: int, cancel: Cancel) -> Iterator[Frame]:
        replies = self._replies[request]
        asked_at = time.monotonic()
        while not cancel():
            try:
                frame = replies.get(timeout=POLL_S)
            except queue.Empty:
                if time.monotonic() - max(asked_at, self._heard_at) > STALL_S:
                    self._process.kill()
                continue
            if frame is None:
                raise _lost()
            kind, payload = frame
            if kind == wire.FAILURE:
                raise ProviderError(payload.decode(), retryable=False)
            if kind == wire.END:
                return
            yield frame

    def _read(self) -> None:
        """Hand each frame to the request it belongs to, until the process ends."""
        stream = self._process.stdout
        assert stream is not None
        with stream:
            while len(header := stream.read(wire.HEADER.size)) == wire.HEADER.size:
                kind, request, length = wire.HEADER.unpack(header)
                frame = (kind, stream.read(length))
                self._heard_at = time.monotonic()
                with self._lock:
                    replies = self._replies.get(request)
                if replies is not None:
                    replies.put(frame)
        self._process.wait()
        with self._lock:
            self._ended = True
            for replies in self._replies.values():
                replies.put(None)

    def _log(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            for line in stream:
                logger.warning("espeak-ng: %s", line.decode(errors="replace").rstrip())


def _lost() -> ProviderError:
    return ProviderError("the espeak-ng process ended; the next sentence starts it again", retryable=True)


__all__ = ["EspeakProcess", "Frame"]
