"""A real TURN server for tests: coturn with a configuration of its own, on loopback alone."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TURNSERVER = shutil.which("turnserver")
USER, PASSWORD = "ann", "pass-of-ann"
SECRET = "shared-with-the-relay"
WAIT_S = 20.0
OWN = """
listening-port={port}
tls-listening-port={tls_port}
pidfile={folder}/turnserver.pid
userdb={folder}/turndb
log-file=stdout
simple-log
verbose
"""
"""what keeps one that a test runs apart from any other"""
ON_LOOPBACK = """
listening-ip=127.0.0.1
relay-ip=127.0.0.1
allow-loopback-peers
no-cli
no-dtls
fingerprint
realm=livetalk.test
"""
STATIC = f"lt-cred-mech\nuser={USER}:{PASSWORD}"
TIMED = f"use-auth-secret\nstatic-auth-secret={SECRET}"


@dataclass(frozen=True, slots=True)
class TurnServer:
    """One that runs."""

    port: int
    """of UDP and TCP"""
    tls_port: int
    log: Path

    @property
    def static_url(self) -> str:
        """With credentials that never end."""
        return f"turn:{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def timed_url(self) -> str:
        """For credentials made of the secret."""
        return f"turn:127.0.0.1:{self.port}"


@contextmanager
def turn_server(folder: Path, credentials: str, *, tls: bool = False) -> Iterator[TurnServer]:
    """Run coturn until the end of the block; `tls` has it take TLS, by `make_certificate`."""
    keys = f"cert={folder}/cert.pem\npkey={folder}/key.pem\n" if tls else "no-tls\n"
    with coturn(folder, f"{ON_LOOPBACK}{credentials}\n{keys}") as server:
        yield server


@contextmanager
def coturn(folder: Path, configuration: str) -> Iterator[TurnServer]:
    """Run coturn as configured, on ports that are free, until the end of the block."""
    assert TURNSERVER is not None
    server = TurnServer(_free_port(), _free_port(), folder / "turnserver.log")
    others = re.sub(r"^listening-port=.*\n", "", configuration, flags=re.MULTILINE)
    own = OWN.format(port=server.port, tls_port=server.tls_port, folder=folder)
    file = folder / "turnserver.conf"
    file.write_text(own + others)
    with server.log.open("wb") as log:
        process = subprocess.Popen([TURNSERVER, "-c", str(file)], cwd=folder, stdout=log, stderr=log)
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost, signed by itself."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem"


def _wait(server: TurnServer, process: subprocess.Popen[bytes]) -> None:
    """Until it takes connections."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        assert process.poll() is None, server.log.read_text()
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"coturn did not listen within {WAIT_S:g} s: {server.log.read_text()}")


def _free_port() -> int:
    """Of UDP and TCP alike."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
