"""Connects a viewer to a server on a machine whose only interface is loopback; run in such a one."""

from __future__ import annotations

import asyncio
import time

from aiohttp.test_utils import TestClient, TestServer

from livetalk.server.app import build
from livetalk.settings import Settings
from livetalk.transports.webrtc.ice import prepare
from tests.server.conftest import FakeService, Viewer, within


async def main() -> None:
    service = FakeService()
    client = TestClient(TestServer(build(Settings(), service)))
    await client.start_server()
    viewer = Viewer(client)
    for kind in ("video", "audio"):
        transceiver = viewer.connection.addTransceiver(kind, direction="recvonly")
        prepare(transceiver.receiver.transport.transport.iceGatherer._connection)
    began = time.monotonic()
    await viewer.connect()
    print(f"answered after {time.monotonic() - began:.3f} s")
    await within(viewer.seen.wait())
    print("a picture came")
    await viewer.close()
    await client.close()
    await asyncio.get_running_loop().run_in_executor(None, service.close)


if __name__ == "__main__":
    asyncio.run(main())
