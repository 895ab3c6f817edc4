"""Backgrounds behind avatars that were cut out, over HTTP and over WebRTC."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.matte import laid_out
from livetalk.background import Backgrounds
from tests.fakes import SIZE, WAIT_S, FakeAvatar
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Viewer

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
FILMED = (0, 135, 0)
"""what I420's zeros are"""


def cut_out() -> FakeAvatar:
    """An avatar of which the right half is not opaque."""
    avatar = FakeAvatar(frames=5)
    alpha = np.zeros((SIZE, SIZE), np.uint8)
    alpha[:, : SIZE // 2] = 255
    manifest = avatar.bundle.manifest.model_copy(update={"matte": "matte.mp4"})
    avatar.bundle = AvatarBundle(Path(), manifest, avatar.bundle.pictures, np.stack([laid_out(alpha)] * 5))
    return avatar


@pytest.fixture
def pictures(service: FakeService, tmp_path: Path) -> Path:
    """A folder with a picture `wall`, blue all over."""
    folder = tmp_path / "backgrounds"
    folder.mkdir()
    cv2.imwrite(str(folder / "wall.png"), np.full((300, 600, 3), BLUE[::-1], np.uint8))
    service.backgrounds = Backgrounds(folder)
    return folder


class Seen(Viewer):
    """Waits for a colour in the right half."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.colour = np.zeros(3)

    def on_picture(self, frame: av.VideoFrame) -> None:
        self.colour = frame.to_ndarray(format="rgb24")[:, SIZE * 3 // 4 :].reshape(-1, 3).mean(axis=0)

    async def until(self, colour: tuple[int, int, int]) -> None:
        async def reached() -> None:
            while np.abs(self.colour - colour).max() > 12:
                self.seen.clear()
                await self.seen.wait()

        await asyncio.wait_for(reached(), WAIT_S)


async def test_a_session_is_seen_before_the_background_that_it_asks_for(
    client: Client, service: FakeService, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    avatar = cut_out()
    monkeypatch.setattr(service.avatars, "warm", lambda _id: avatar)
    seen = Seen(client)
    try:
        await seen.connect(background="#ff0000")
        await seen.until(RED)
        path = f"/sessions/{seen.session_id}/background"
        assert (await answer(client, path, json={"background": "wall"}))[0] == 200
        await seen.until(BLUE)
        assert (await answer(client, path, json={"background": "#00ff00"}))[0] == 200
        await seen.until(GREEN)
        assert (await answer(client, path, json={"background": ""}))[0] == 200
        await seen.until(FILMED)
    finally:
        await seen.close()


@pytest.mark.parametrize("name", ["#f00", "beach", "transparent", "../wall", "x" * 65, 7, None])
async def test_a_background_that_is_none_is_refused_and_the_one_before_stays(
    client: Client, service: FakeService, viewer: Viewer, pictures: Path, name: Any
) -> None:
    session = service.sessions.get(viewer.session_id)
    session.backdrop.background = before = service.backgrounds.get("wall")
    path = f"/sessions/{viewer.session_id}/background"
    status, said = await answer(client, path, json={"background": name})
    assert status == 400
    assert len(said["msg"]) < 300
    assert session.backdrop.background is before


async def test_a_session_that_asks_for_a_background_that_is_none_is_not_opened(
    client: Client, service: FakeService
) -> None:
    status, said = await answer(client, "/sessions", json={"background": "beach"})
    assert (status, "a colour is written as #00ff00" in said["msg"]) == (400, True)
    assert len(service.sessions) == 0


async def test_a_session_that_is_not_there_is_told(client: Client) -> None:
    assert (await answer(client, "/sessions/nobody/background", json={"background": ""}))[0] == 404


async def test_the_pictures_are_told_and_shown_small(client: Client, pictures: Path) -> None:
    async with client.get("/config") as response:
        assert (await response.json())["data"]["backgrounds"] == ["wall"]
    async with client.get("/backgrounds/wall/thumbnail") as response:
        assert response.content_type == "image/jpeg"
        shown = cv2.imdecode(np.frombuffer(await response.read(), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (128, 256, 3)
    for nothing in ("beach", "%23ff0000", "..%2Fwall", ".."):
        async with client.get(f"/backgrounds/{nothing}/thumbnail") as response:
            assert response.status == 404
