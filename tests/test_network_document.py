"""The configurations in docs/network.md are run as they stand there, other ports and files aside."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from livetalk.server.app import build
from livetalk.settings import Settings
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.probe import ask
from tests.server.conftest import FakeService, within
from tests.turn_server import TURNSERVER, coturn, make_certificate

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "network.md"
NGINX = shutil.which("nginx")
ON_LOOPBACK = "listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nallow-loopback-peers\n"


def block(name: str) -> str:
    """What stands between two markers of the document."""
    pattern = rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- /{name} -->"
    found = re.search(pattern, DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver (Debian: coturn)")
@pytest.mark.parametrize("name", ["coturn secret", "coturn user"])
async def test_a_relay_set_up_as_described_relays_with_the_settings_described(
    name: str, tmp_path: Path
) -> None:
    with coturn(tmp_path, ON_LOOPBACK + block(name)) as server:
        if name == "coturn secret":
            servers = IceServers([f"turn:127.0.0.1:{server.port}"], "a-long-random-secret")
        else:
            servers = IceServers([f"turn:livetalk:a-long-random-password@127.0.0.1:{server.port}"])
        (relay,) = servers.for_server()
        assert (await ask(relay)).address.startswith("127.0.0.1:")


@pytest.fixture
async def proxied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A server with a token on loopback, behind nginx as described."""
    if NGINX is None:
        pytest.skip("needs nginx (Debian: nginx)")
    monkeypatch.setenv("LIVETALK_TOKEN", "the-token")
    service = FakeService()
    server = TestServer(build(Settings(), service))
    await server.start_server()
    make_certificate(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8010": f"127.0.0.1:{server.port}",
        "/etc/letsencrypt/live/avatar.example.org/fullchain.pem": f"{tmp_path}/cert.pem",
        "/etc/letsencrypt/live/avatar.example.org/privkey.pem": f"{tmp_path}/key.pem",
    }
    text = block("nginx")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/nginx.pid; error_log stderr; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off; {folders}\n{text}\n}}\n"
    )
    nginx = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    yield f"https://localhost:{port}"
    nginx.terminate()
    await asyncio.get_running_loop().run_in_executor(None, nginx.wait)
    await server.close()
    await asyncio.get_running_loop().run_in_executor(None, service.close)


async def test_a_page_behind_the_proxy_described_calls_the_api_and_hears_events_at_once(
    proxied: str, tmp_path: Path
) -> None:
    trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    own = {"Authorization": "Bearer the-token", "Origin": proxied}
    async with aiohttp.ClientSession(
        proxied, headers=own, connector=aiohttp.TCPConnector(ssl=trusted)
    ) as page:
        await within(_answers(page))
        async with page.post("/sessions", json={}) as response:
            assert response.status == 200, await response.text()
            session_id = (await response.json())["data"]["sessionid"]
        async with page.get("/sse", params={"sessionid": session_id}) as events:
            assert events.status == 200
            body = {"sessionid": session_id, "text": "hello", "type": "echo"}
            async with page.post("/human", json=body) as response:
                assert response.status == 200
            async with page.post("/interrupt_talk", json={"sessionid": session_id}) as response:
                assert response.status == 200
            told = b""
            while b"event: interrupted" not in told:
                told += await within(events.content.readany())


async def _answers(page: aiohttp.ClientSession) -> None:
    """Until nginx listens, and passes on what livetalk says."""
    while True:
        with contextlib.suppress(aiohttp.ClientConnectorError):
            async with page.get("/healthz") as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.05)
