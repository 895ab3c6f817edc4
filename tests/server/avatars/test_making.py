"""Avatars made and followed through the API."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aiohttp import FormData

from tests.clips import grey, mira, write_clip, write_photo
from tests.described import validator_of
from tests.server.avatars.studio import LIMIT_S, begun, done, followed, form, get, photo
from tests.server.conftest import Client


async def test_a_clip_is_uploaded_made_followed_listed_and_deleted(
    studio: Client, tmp_path: Path, folder: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(15))
    job_id = await begun(studio, form(clip, name="Anna Müller", recipe='{"size": 256}'))
    told = await asyncio.wait_for(followed(studio, job_id), LIMIT_S)
    for each in told:
        validator_of("AvatarJob").validate(each)
    assert [told[0]["state"], told[-1]["state"]] == [told[0]["state"], "done"]
    assert told[-1]["avatar"] == "anna-muller"
    assert {each["name"] for each in told} == {"Anna Müller"}
    assert [each["progress"] for each in told] == sorted(each["progress"] for each in told)
    status, listed = await get(studio, "/api/avatars")
    assert (status, listed) == (
        200,
        [
            {
                "id": "anna-muller",
                "name": "Anna Müller",
                "width": 256,
                "height": 256,
                "seconds": 0.6,
                "engines": ["viseme"],
                "actions": [],
                "cut_out": False,
                "action_clips": [],
                "plan": {},
                "takes_actions": True,
                "usable": True,
                "default": False,
            }
        ],
    )
    validator_of("AvatarCard").validate(listed[0])
    async with studio.get("/api/avatars/anna-muller/video") as response:
        assert response.content_type == "video/mp4"
        assert b"ftyp" in (await response.read())[:16]
    async with studio.get("/avatars/anna-muller/thumbnail") as response:
        assert (await response.read()).startswith(b"\xff\xd8\xff")
    _, config = await get(studio, "/config")
    assert config["avatars"] == [{"id": "anna-muller", "name": "Anna Müller", "cut_out": False}]
    assert (config["makes_avatars"], config["avatar_upload_mb"]) == (True, 4)
    async with studio.delete("/api/avatars/anna-muller") as response:
        assert response.status == 200
    assert (await get(studio, "/api/avatars"))[1] == []
    assert not list(folder.iterdir())


async def test_a_job_that_is_over_is_told_to_who_asks_later(studio: Client, tmp_path: Path) -> None:
    end = await done(studio, form(photo(tmp_path)))
    assert (await get(studio, f"/api/avatar-jobs/{end['id']}"))[1] == end
    assert (await get(studio, "/api/avatar-jobs"))[1] == [end]
    assert await asyncio.wait_for(followed(studio, end["id"]), LIMIT_S) == [end]


async def test_two_of_one_name_get_ids_of_their_own(studio: Client, tmp_path: Path) -> None:
    ends = [await done(studio, form(photo(tmp_path), name="Anna")) for _ in range(2)]
    assert [each["avatar"] for each in ends] == ["anna", "anna-2"]


async def test_several_photos_become_the_pictures_of_one_avatar(
    studio: Client, tmp_path: Path, folder: Path
) -> None:
    data = FormData()
    for number, colours in enumerate(mira(4)):
        path = write_photo(tmp_path / f"{number}.png", colours)
        data.add_field("file", path.read_bytes(), filename=f"../../etc/{number}.PNG")
    data.add_field("id", "album")
    assert (await done(studio, data))["state"] == "done"
    manifest = json.loads((folder / "album" / "avatar.json").read_text())
    assert manifest["frames"] == 4


async def test_a_damaged_photo_is_told_by_the_name_that_it_was_sent_with(
    studio: Client, tmp_path: Path
) -> None:
    whole = write_photo(tmp_path / "face.jpg", mira(1)[0]).read_bytes()
    for name, shown in (
        ("C:\\me\\Anna\u202e und ich.JPG", "Anna und ich.JPG"),
        ("x" * 500, "x" * 64),
        ("", "00000000"),
    ):
        data = FormData(quote_fields=False)  # as browsers send them
        data.add_field("file", whole[: len(whole) // 2], filename=name)
        assert (await done(studio, data))["error"] == f"{shown} is damaged; save it again as a jpg or png"
    data = FormData()
    for number in range(3):  # names like ours, which are no others' after all
        data.add_field("file", whole[: -1000 * number or None], filename=f"{number + 1:08}.jpg")
    assert (await done(studio, data))["error"].startswith("00000002.jpg is damaged")


async def test_a_doubt_is_shown_with_its_picture(studio: Client, tmp_path: Path) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = two[:, 512:] = mira(1)[0]
    end = await done(studio, form(photo(tmp_path, two)))
    assert [(each["kind"], each["picture"]) for each in end["notes"]] == [("several", True)]
    async with studio.get(f"/api/avatar-jobs/{end['id']}/pictures/0") as response:
        assert (await response.read()).startswith(b"\xff\xd8\xff")
    for other in ("1", "x", "-1", "9" * 5000):
        async with studio.get(f"/api/avatar-jobs/{end['id']}/pictures/{other}") as response:
            assert response.status == 404


async def test_a_job_is_cancelled(studio: Client, tmp_path: Path, folder: Path) -> None:
    job_id = await begun(studio, form(write_clip(tmp_path / "clip.mp4", [*mira(25)] * 8), id="anna"))
    async with studio.delete(f"/api/avatar-jobs/{job_id}") as response:
        assert response.status == 200
    assert (await asyncio.wait_for(followed(studio, job_id), LIMIT_S))[-1]["state"] == "cancelled"
    assert not list(folder.iterdir())
