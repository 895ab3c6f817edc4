"""Line: a TCP or TLS connection whose every wait has an end, and which another thread can cut."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
from typing import Any

from livetalk.errors import OutputError

CONNECT_S = 4.0
"""for one address to answer"""
STALL_S = 10.0
"""a server that takes or answers nothing for so long is given up"""
FINISH_S = 1.0
"""for a server to hang up after we did"""
QUEUE_BYTES = 256 * 1024
"""that the system keeps for a slow network: some two seconds of pictures, no more delay than that"""


class HungUp(OutputError):
    """The server ended the connection."""


class Line:
    """Waits of `open`, `receive` and `send` end with an error after a while, or at once after `cut`."""

    def __init__(self, host: str, port: int, secure: bool) -> None:
        self._where = host, port
        self._secure = secure
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._cut = False

    def open(self) -> None:
        """Connect.

        Raises:
            OutputError: it was cut, or its name was not found in time.
            OSError: the server cannot be reached.
        """
        failure: OSError | None = None
        for family, kind, protocol, _, address in self._addresses():
            try:
                self._connect(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = error
                self.close()
            else:
                return
        raise failure or OutputError("its name has no address")

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            OSError: the server is gone, or took nothing for a while.
        """
        line = self._open()
        line.settimeout(STALL_S)
        line.sendall(data)

    def receive(self, wait: bool) -> bytes:
        """What came; nothing where nothing did, and nobody wants to wait.

        Raises:
            HungUp: the server ended the connection.
            OSError: the connection broke, or nothing came for a while.
        """
        line = self._open()
        line.settimeout(STALL_S if wait else 0.0)
        try:
            received = line.recv(1 << 16)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        if not received:
            raise HungUp("the server hung up")
        return received

    def finish(self) -> None:
        """Wait until the server has all that was sent: hanging up before may take it back."""
        line = self._open()
        line.settimeout(FINISH_S)
        with contextlib.suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_WR)
            while line.recv(1 << 16):
                pass

    def cut(self) -> None:
        """End it, and what waits for it; any thread may call."""
        with self._lock:
            self._cut = True
            self._found.put(None)
            if self._socket is not None:
                with contextlib.suppress(OSError):  # it is not connected yet, or not any more
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    # -- inside -----------------------------------------------------------------------------------

    def _addresses(self) -> list[Any]:
        """Look the name up, on a thread that is left alone where that takes too long: it cannot be cut."""
        threading.Thread(target=self._look_up, name="rtmp name", daemon=True).start()
        try:
            found = self._found.get(timeout=STALL_S)
        except queue.Empty:
            raise OutputError("its name was not found in time") from None
        if isinstance(found, OSError):
            raise found
        if found is None:
            raise OutputError("it was stopped")
        return list(found)

    def _look_up(self) -> None:
        try:
            self._found.put(socket.getaddrinfo(*self._where, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            self._found.put(error if isinstance(error, OSError) else OSError(str(error)))

    def _connect(self, line: socket.socket, address: Any) -> None:
        self._keep(line)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, QUEUE_BYTES)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unanswered = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux alone
        if unanswered is not None:
            line.setsockopt(socket.IPPROTO_TCP, unanswered, round(STALL_S * 1000))
        line.settimeout(CONNECT_S)
        line.connect(address)
        if self._secure:
            context = ssl.create_default_context()
            wrapped = context.wrap_socket(line, server_hostname=self._where[0], do_handshake_on_connect=False)
            self._keep(wrapped)
            wrapped.do_handshake()

    def _keep(self, line: socket.socket) -> None:
        with self._lock:
            self._socket = line
            if self._cut:
                raise OutputError("it was stopped")

    def _open(self) -> socket.socket:
        with self._lock:
            if self._socket is None or self._cut:
                raise OutputError("it was stopped")
            return self._socket


__all__ = ["Line"]
