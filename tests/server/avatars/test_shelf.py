"""Avatars renamed and deleted through the API."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.server.avatars.studio import done, form, get, photo
from tests.server.conftest import Client, FakeService


async def test_an_avatar_is_renamed(studio: Client, tmp_path: Path) -> None:
    await done(studio, form(photo(tmp_path), id="anna"))
    async with studio.patch("/api/avatars/anna", json={"name": "Anna B."}) as response:
        assert (await response.json())["data"]["name"] == "Anna B."
    assert (await get(studio, "/api/avatars/anna"))[1]["name"] == "Anna B."
    for name in ("", "  ", "a\nb", "x" * 81):
        async with studio.patch("/api/avatars/anna", json={"name": name}) as response:
            assert response.status == 400
    assert (await get(studio, "/api/avatars/anna"))[1]["name"] == "Anna B."


async def test_the_first_avatar_of_sessions_is_not_deleted(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    await done(studio, form(photo(tmp_path), id="fake"))
    async with studio.delete("/api/avatars/fake") as response:
        assert response.status == 409
    assert (folder / "fake").is_dir()


@pytest.mark.parametrize("avatar_id", ["nobody", "..", "..%2F..", "%2e%2e", ".making-x", "a%00b"])
async def test_an_avatar_that_is_not_there_is_not_found(studio: Client, avatar_id: str) -> None:
    for method in ("GET", "DELETE"):
        async with studio.request(method, f"/api/avatars/{avatar_id}") as response:
            assert response.status in (404, 405)


async def test_deleting_one_leaves_another_of_a_longer_name(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    for avatar_id in ("anna", "anna-2"):
        await done(studio, form(photo(tmp_path), id=avatar_id))
        await asyncio.get_running_loop().run_in_executor(None, service.avatars.get, avatar_id)
    cache = tmp_path / "cache"
    assert len(list(cache.iterdir())) == 2
    async with studio.delete("/api/avatars/anna") as response:
        assert response.status == 200
    assert [path.name.rpartition("-")[0].rpartition("-")[0] for path in cache.iterdir()] == ["anna-2"]
    assert service.avatars.warm("anna") is None
    assert service.avatars.warm("anna-2") is not None
