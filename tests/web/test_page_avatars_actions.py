"""The dialog of a face's actions: looked at, removed, added, and those that happen by themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import WAIT_S, Visit
from tests.web.fake_server import failure
from tests.web.fake_workshop import acting
from tests.web.room import CLIP, PHOTO, enter, face, followed, job

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ADA = (("look-left", 1.2, False), ("say_hello", 2.5, True), ("wave", 3.0, False))
PLAN = {"listening": {"actions": ["wave"], "every_s": None}}


async def opened(visit: Visit, **more: Any) -> None:
    """The dialog of Ada's three actions."""
    visit.server.workshop.avatars = [acting("ada", "Ada", *ADA, default=True, **more)]
    await enter(visit)
    await face(visit, "ada").get_by_role("button", name="What").click()
    await expect(visit.page.locator("#acts-dialog")).to_be_visible()


def rows(visit: Visit) -> Any:
    return visit.page.locator(".act")


def row(visit: Visit, name: str) -> Any:
    return visit.page.locator(".act", has_text=name)


def cue(visit: Visit, state: str) -> Any:
    """What happens by itself in one state."""
    return visit.page.get_by_role("group", name=state, exact=True)


async def planned(visit: Visit, count: int) -> dict[str, Any]:
    """The plan that the server was told last, once it was told so often."""
    plans = visit.server.workshop.plans

    async def reached() -> None:
        while len(plans) < count:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(reached(), WAIT_S)
    await expect(visit.page.locator("#plan-said")).to_have_text("Kept.")
    assert len(plans) == count
    return plans[-1]


async def choose(visit: Visit, path: Path) -> None:
    """Choose a clip for an action."""
    await visit.page.set_input_files("#act-clip", str(path))


async def test_each_action_is_listed_with_its_length_and_whether_it_speaks(visit: Visit) -> None:
    await opened(visit)
    await expect(visit.page.locator("#acts-title")).to_contain_text("Ada")
    await expect(visit.page.locator(".act-name")).to_have_text(["Look left", "Say hello", "Wave"])
    await expect(visit.page.locator(".act-what p")).to_have_text(
        ["1.2 s", "2.5 s · with its own sound", "3 s"]
    )
    await visit.page.keyboard.press("Escape")
    await expect(face(visit, "ada").locator(".face-acts")).to_be_focused()
    await expect(face(visit, "ada").locator(".face-acts")).to_have_text("Actions: 3")


async def test_a_face_that_has_and_takes_no_actions_offers_no_way_to_them(visit: Visit) -> None:
    visit.server.workshop.avatars = [
        acting("ada", "Ada", takes_actions=False, default=True),
        acting("bob", "Bob"),
    ]
    await enter(visit)
    await expect(face(visit, "ada")).to_be_visible()
    await expect(face(visit, "ada").locator(".face-acts")).to_have_count(0)
    await expect(face(visit, "bob").locator(".face-acts")).to_have_text("Add actions")


@pytest.mark.parametrize("token", ["", "a-secret-of-the-test"])
async def test_an_action_is_looked_at_where_its_name_stands(visit: Visit, token: str) -> None:
    visit.server.workshop.avatars = [acting("ada", "Ada", *ADA, default=True)]
    visit.server.workshop.videos["ada/wave"] = CLIP.read_bytes()
    visit.server.token = token
    await enter(visit, f"#token={token}" if token else "")
    await face(visit, "ada").get_by_role("button", name="What").click()
    play = row(visit, "Wave").locator(".act-play")
    await play.click()
    await visit.until("document.querySelector('#acts-video').currentTime > 0.1")
    await expect(play).to_have_attribute("aria-pressed", "true")
    await play.click()
    await expect(visit.page.locator("#acts-video")).to_be_hidden()
    await row(visit, "Say hello").locator(".act-play").click()
    await expect(visit.page.locator("#acts-wrong")).to_contain_text("Could not show it")


async def test_an_action_is_deleted_at_the_second_press(visit: Visit) -> None:
    await opened(visit)
    await row(visit, "Wave").locator(".act-remove").click()
    await expect(rows(visit)).to_have_count(3)
    await visit.page.get_by_role("button", name="Delete for good?").click()
    await expect(visit.page.locator(".act-name")).to_have_text(["Look left", "Say hello"])
    await expect(visit.page.locator("#acts-title")).to_be_focused()
    await expect(cue(visit, "While nothing happens").locator("label")).to_have_text(["Look left"])


async def test_an_action_that_happens_by_itself_is_not_deleted_and_says_why(visit: Visit) -> None:
    await opened(visit, plan=PLAN)
    await row(visit, "Wave").locator(".act-remove").click()
    await expect(visit.page.locator("#acts-wrong")).to_contain_text("happens by itself")
    await cue(visit, "While it listens").get_by_role("checkbox", name="Wave").click()
    assert await planned(visit, 1) == {}
    await row(visit, "Wave").locator(".act-remove").click()
    await visit.page.get_by_role("button", name="Delete for good?").click()
    await expect(rows(visit)).to_have_count(2)


async def test_an_action_that_cannot_be_deleted_says_why(visit: Visit) -> None:
    await opened(visit)
    visit.server.workshop.refusal = lambda: failure(409, "the plan names 'wave'")
    await row(visit, "Wave").locator(".act-remove").click()
    await visit.page.get_by_role("button", name="Delete for good?").click()
    await expect(visit.page.locator("#acts-wrong")).to_contain_text("the plan names 'wave'")
    await expect(rows(visit)).to_have_count(3)


async def test_a_plan_is_shown_as_it_is_and_offers_nothing_that_speaks(visit: Visit) -> None:
    idle = {"actions": ["look-left", "wave"], "every_s": [5.5, 9]}
    await opened(visit, plan={**PLAN, "idle": idle})
    await expect(cue(visit, "While nothing happens").locator("label")).to_have_text(["Look left", "Wave"])
    await expect(cue(visit, "While nothing happens").locator(":checked:not(option)")).to_have_count(2)
    await expect(cue(visit, "While nothing happens").get_by_label("Shortest pause")).to_have_value("5.5")
    await expect(cue(visit, "While it listens").get_by_role("combobox")).to_have_value("on")
    await expect(cue(visit, "While it listens").get_by_label("Shortest pause")).to_be_hidden()
    await expect(cue(visit, "While it thinks").get_by_role("combobox")).to_be_hidden()


async def test_a_change_of_the_plan_holds_as_it_is_made(visit: Visit) -> None:
    await opened(visit)
    speaking = cue(visit, "While it speaks")
    await speaking.get_by_role("checkbox", name="Look left").click()
    assert await planned(visit, 1) == {"speaking": {"actions": ["look-left"], "every_s": [8, 20]}}
    await speaking.get_by_label("Longest pause").fill("5")
    await speaking.get_by_label("Longest pause").press("Tab")
    await expect(visit.page.locator("#plan-said")).to_contain_text("The shortest pause comes first")
    await speaking.get_by_label("Shortest pause").fill("2.5")
    await speaking.get_by_label("Shortest pause").press("Tab")
    assert await planned(visit, 2) == {"speaking": {"actions": ["look-left"], "every_s": [2.5, 5]}}
    await speaking.get_by_role("combobox").select_option("Again and again")
    assert await planned(visit, 3) == {"speaking": {"actions": ["look-left"]}}
    await expect(speaking.get_by_label("Shortest pause")).to_be_hidden()
    await visit.page.keyboard.press("Escape")
    await expect(face(visit, "ada").locator(".face-acts")).to_be_focused()
    await visit.page.keyboard.press("Enter")
    await expect(speaking.get_by_role("combobox")).to_have_value("on")


async def test_a_plan_that_is_on_its_way_is_shown_where_it_is_looked_at_again(visit: Visit) -> None:
    await opened(visit, plan=PLAN)
    held = visit.server.workshop.plan_held = asyncio.Event()
    boxes = cue(visit, "While it listens").get_by_role("checkbox")
    await boxes.nth(0).click()
    await visit.page.keyboard.press("Escape")
    await face(visit, "ada").locator(".face-acts").click()
    await expect(boxes.nth(0)).to_be_checked()
    held.set()
    await planned(visit, 1)
    await visit.page.keyboard.press("Escape")
    await face(visit, "ada").locator(".face-acts").click()
    await expect(boxes.nth(0)).to_be_checked()


async def test_a_plan_that_is_refused_says_why(visit: Visit) -> None:
    await opened(visit)
    visit.server.workshop.refusal = lambda: failure(507, "ada cannot be changed: the disk is full")
    await cue(visit, "While it speaks").get_by_role("checkbox", name="Wave").click()
    await expect(visit.page.locator("#plan-said")).to_contain_text("the disk is full")


async def test_an_action_is_added_named_and_followed_until_it_is_there(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "Nod.mp4").write_bytes(CLIP.read_bytes())
    await opened(visit)
    await choose(visit, tmp_path / "Nod.mp4")
    await expect(visit.page.locator("#act-name")).to_have_value("nod")
    await visit.page.fill("#act-name", "nod twice")
    await expect(visit.page.locator("#act-name")).to_have_value("nod-twice")
    await visit.page.locator("#act-sound").click()
    await visit.page.click("#act-go")
    await expect(visit.page.locator(".act-job")).to_contain_text("is being added")
    [upload] = visit.server.workshop.uploads
    assert upload == {
        "name": "nod-twice",
        "sound": "true",
        "files": [("Nod.mp4", CLIP.stat().st_size)],
    }
    await followed(visit, "job1")
    visit.server.workshop.acted("job1")
    await expect(visit.page.locator(".act-name")).to_contain_text(["Nod twice"])
    await expect(visit.page.locator(".act-job")).to_have_count(0)
    await visit.page.keyboard.press("Escape")
    await expect(job(visit, "Nod twice")).to_contain_text("Ada")
    await job(visit, "Nod twice").get_by_role("button", name="Preview").click()
    await expect(rows(visit)).to_have_count(4)


async def test_an_action_that_could_not_be_added_says_why_in_the_dialog(visit: Visit) -> None:
    await opened(visit)
    await choose(visit, CLIP)
    await visit.page.fill("#act-name", "nod")
    await visit.page.click("#act-go")
    await followed(visit, "job1")
    visit.server.workshop.change("job1", state="failed", error="the clip has another shape")
    await expect(visit.page.locator(".act-job")).to_contain_text("the clip has another shape")


@pytest.mark.parametrize(
    ("name", "said"), [("wave", "one of this name"), ("-x", "a to z"), ("wëave", "a to z")]
)
async def test_a_name_that_cannot_be_is_told_before_it_is_sent(visit: Visit, name: str, said: str) -> None:
    await opened(visit)
    await choose(visit, CLIP)
    await visit.page.fill("#act-name", name)
    await expect(visit.page.locator("#act-name-wrong")).to_contain_text(said)
    await visit.page.click("#act-go")
    await expect(visit.page.locator("#act-name")).to_be_focused()
    assert visit.server.workshop.uploads == []


async def test_a_photo_is_no_action(visit: Visit) -> None:
    await opened(visit)
    await choose(visit, PHOTO)
    await expect(visit.page.locator("#act-wrong")).to_contain_text("is no clip")


async def test_a_refused_action_says_why_and_the_choice_stays(visit: Visit) -> None:
    await opened(visit)
    await choose(visit, CLIP)
    await visit.page.fill("#act-name", "nod")
    visit.server.workshop.refusal = lambda: failure(503, "four are waiting already")
    await visit.page.click("#act-go")
    await expect(visit.page.locator("#act-wrong")).to_have_text("four are waiting already")
    await expect(visit.page.locator("#act-name")).to_have_value("nod")


async def test_a_server_that_makes_no_faces_adds_no_actions_but_lists_them(visit: Visit) -> None:
    visit.server.config["makes_avatars"] = False
    await opened(visit)
    await expect(rows(visit)).to_have_count(3)
    await expect(visit.page.locator("#act-choose")).to_be_hidden()


async def test_a_clip_that_is_too_large_is_refused_before_it_is_sent(visit: Visit) -> None:
    visit.server.config["avatar_upload_mb"] = 0.1
    await opened(visit)
    await choose(visit, CLIP)
    await expect(visit.page.locator("#act-wrong")).to_contain_text("this server takes 0.1")
    await visit.page.keyboard.press("Escape")
    await visit.page.set_input_files("#footage", str(CLIP))
    await expect(visit.page.locator("#refused-why")).to_contain_text("this server takes 0.1")
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "empty")
