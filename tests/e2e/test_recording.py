"""A recording made in the page by the real server: whole, marked, and of what was said."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from livetalk.marking.detection import found_in
from livetalk.marking.film import luma_of
from tests.e2e.house import CHROMIUM, browsing, running, until

PAYLOAD = 0x1234ABCD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


def loudest(path: Path) -> float:
    """Of its sound, 0 to 1."""
    with av.open(str(path)) as container:
        assert isinstance(container, InputContainer)
        return max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0))


async def test_what_the_page_records_is_downloaded_whole_and_marked(tmp_path: Path) -> None:
    marks = ["--label", "AI-generated", "--watermark", f"0x{PAYLOAD:x}"]
    async with running("--recordings-dir", str(tmp_path / "films"), *marks) as address, browsing() as page:
        await page.goto(address)
        await page.click("#start")
        await until(page, "document.querySelector('#video').videoWidth === 512")
        await page.click("#record")
        await page.fill("#text", "Good morning, my friend.")
        await page.press("#text", "Enter")
        await until(page, "document.body.dataset.state === 'speaking'")
        await until(page, "document.body.dataset.state === 'connected'")
        await page.click("#record")
        async with page.expect_download() as waiting:
            await page.click(".film-get")
        film = tmp_path / "download.mp4"
        await (await waiting.value).save_as(film)
    assert loudest(film) > 0.05
    finding = found_in(luma_of(film))
    assert finding.pictures > 25
    assert finding.certain
    assert finding.payload == PAYLOAD
