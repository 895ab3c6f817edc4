"""A face of one's own, from a clip to its first words: the real server, the real page, a real browser."""

from __future__ import annotations

import asyncio
import shutil
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.container import InputContainer

from livetalk.models.catalogue import model_set
from livetalk.models.check import inspect
from tests.e2e.house import CHROMIUM, ROOT, browsing, running, until
from tests.e2e.playing import KEEP_CONNECTIONS, STATISTICS, until_level

SECONDS = 3
MAKING_S = 240

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(MAKING_S + 120),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]

KEEP_STEPS = """
window.steps = [];
new MutationObserver(() => {
  const step = document.querySelector(".job-how")?.textContent;
  if (step && step !== window.steps.at(-1)) window.steps.push(step);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""what the first job's card said, each time that it was another"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Some seconds of the default face, as a phone might have taken them."""
    path = tmp_path / "Clara.mp4"
    body = ROOT / "data" / "avatars" / "default" / "body.mp4"
    with av.open(str(body)) as source, av.open(str(path), "w") as target:
        assert isinstance(source, InputContainer)
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if number == SECONDS * 25:
                break
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return path


@pytest.fixture
async def models(tmp_path: Path) -> Path:
    """A folder of weights of this test's own: what ships, and what finds faces."""
    folder = tmp_path / "models"
    shutil.copytree(ROOT / "models" / "viseme", folder / "viseme")
    kept = ROOT / "models"
    if all(inspect(need, kept, lambda *_: None, quick=True).usable for need in model_set("face").needs):
        shutil.copytree(kept / "face", folder / "face")
        return folder
    fetching = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "models", "download", "face", "--models-dir", str(folder)), cwd=ROOT
    )
    if await fetching.wait():
        pytest.skip("needs what finds faces: livetalk models download face")
    return folder


async def make(page: Any, clip: Path) -> None:
    """Send the clip, and wait until its face is ready."""
    await page.click("#choose", trial=True)
    await page.set_input_files("#footage", str(clip))
    await until(page, "document.querySelector('#part-said').textContent.includes('3.0 s')")
    assert await page.input_value("#name") == "Clara"
    await page.click("#make")
    await page.locator(".job-actions .primary").wait_for(timeout=MAKING_S * 1000)


async def test_a_clip_becomes_a_face_that_talks_and_is_deleted_again(
    tmp_path: Path, clip: Path, models: Path
) -> None:
    avatars = tmp_path / "avatars"
    shutil.copytree(ROOT / "data" / "avatars" / "default", avatars / "default")
    places = [
        "--avatars-dir",
        str(avatars),
        "--models-dir",
        str(models),
        "--cache-dir",
        str(tmp_path / "cache"),
    ]
    async with running(*places) as address, browsing() as page:
        await page.add_init_script(KEEP_CONNECTIONS + KEEP_STEPS)
        await page.goto(address)
        await page.click("#casting")
        await page.get_by_role("link", name="New face").click()
        await make(page, clip)
        assert {"Finding the face", "Writing the video"} <= set(await page.evaluate("window.steps"))
        assert (avatars / "clara" / "avatar.json").is_file()

        await page.locator(".job-actions .primary").click()
        await until(page, "document.querySelector('#start span')?.textContent")
        async with page.expect_request("**/offer") as offering:
            await page.click("#start")
        assert (await offering.value).post_data_json["avatar"] == "clara"
        await until(page, "document.querySelector('#video').videoWidth === 512")
        await page.fill("#text", "Hello, I was made of three seconds of film, and now I can talk for ever.")
        await page.press("#text", "Enter")
        await until_level(page, loud=True)
        await until(page, "document.body.dataset.state === 'speaking'")
        before = (await page.evaluate(STATISTICS))["video"]["framesDecoded"]
        await until_level(page, loud=False)
        assert (await page.evaluate(STATISTICS))["video"]["framesDecoded"] > before
        await page.click("#end")

        await page.goto(f"{address}/avatars")
        clara = page.locator(".face[data-id=clara]")
        await clara.get_by_role("button", name="Preview").click()
        await until(page, "document.querySelector('#preview-video').currentTime > 0.2")
        await page.keyboard.press("Escape")
        await clara.get_by_role("button", name="Delete").click()
        await page.click("#delete-yes")
        await clara.wait_for(state="detached")
        assert not (avatars / "clara").exists()
        assert sorted(each.name for each in avatars.iterdir()) == ["default"]


async def test_an_upload_that_is_too_large_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(8_000_000))
    avatars = tmp_path / "avatars"
    shutil.copytree(ROOT / "data" / "avatars" / "default", avatars / "default")
    places = ["--avatars-dir", str(avatars), "--avatar-upload-mb", "1"]
    async with running(*places) as address, browsing() as page:
        await page.goto(f"{address}/avatars")
        await page.set_input_files("#footage", str(large))
        await until(page, "!document.querySelector('#refused').hidden")
        assert "this server takes 1." in await page.text_content("#refused-why")
        assert sorted(each.name for each in avatars.iterdir()) == ["default"]
