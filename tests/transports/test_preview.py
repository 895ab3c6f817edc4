from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from bench.sound_recorder import SoundRecorder
from bench.sound_server import PulseServer
from livetalk.errors import OutputError
from livetalk.protocols import PlayedFrame
from livetalk.registry import make_output
from livetalk.transports import preview
from livetalk.types import Picture
from tests.transports.local.cast import OPTIONS, Tones, broadcast
from tests.transports.local.xvfb import Screen
from tests.waiting import until

pytestmark = [
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("_tkinter") is None, reason="this Python has no tkinter"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb's screen is an X11 one"),
]


class Drawn(Tones):
    """Shows one picture with colours, and not its mirror image."""

    def __init__(self) -> None:
        super().__init__(bursts=False)
        rows, columns = np.mgrid[0:96, 0:128]
        rgb = np.stack([columns * 2, rows * 2, 255 - columns - rows], axis=2).astype(np.uint8)
        rgb[20:40, 20:60] = (220, 30, 30)
        self.picture: Picture = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8)

    def commit(self, tick: int) -> PlayedFrame:
        """Always this one."""
        return PlayedFrame(tick, self.picture, super().commit(tick).pcm)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    made = Screen()
    monkeypatch.setenv("DISPLAY", made.display)
    yield made
    made.end()


def shows(screen: Screen, picture: Picture) -> bool:
    """Whether this picture is in the screen's corner, where a window without a manager opens."""
    wanted: npt.NDArray[np.int16] = cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420).astype(np.int16)
    height, width = wanted.shape[:2]
    return bool(np.abs(screen.picture()[:height, :width] - wanted).max() <= 1)


def test_the_window_shows_the_pictures_that_are_sent_and_follows_their_size(screen: Screen) -> None:
    timeline = Drawn()
    with broadcast(timeline) as cast:
        output = make_output("preview?sound=none", OPTIONS)
        output.start(cast)
        until(lambda: shows(screen, timeline.picture))
        timeline.picture = np.random.default_rng(0).integers(0, 255, (288, 256)).astype(np.uint8)
        until(lambda: shows(screen, timeline.picture))
        assert output.status().state == "live"
        output.stop()
    assert output.status().state == "stopped"
    until(lambda: not screen.picture().any())


def test_closing_the_window_ends_the_output(screen: Screen) -> None:
    with broadcast(Drawn()) as cast:
        output = make_output("preview?sound=none", OPTIONS)
        output.start(cast)
        until(lambda: output.status().ticks >= 3)
        screen.close_window("livetalk")
        until(lambda: output.status().state == "stopped")
        assert output.status().reconnects == 0
        output.stop()


def test_a_preview_is_heard_on_the_default_device(screen: Screen, pulse: PulseServer) -> None:
    recorder = SoundRecorder(pulse)
    with broadcast(Drawn()) as cast:
        output = make_output("preview", OPTIONS)
        output.start(cast)
        until(lambda: output.status().ticks >= 25 * 5)
        output.stop()
    sound, _ = recorder.stop()
    assert np.mean(np.abs(sound[-48_000:]) > 0.1) > 0.5


def test_a_window_that_cannot_be_shown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with (
        broadcast(Drawn()) as cast,
        pytest.raises(OutputError, match="no window can be shown: couldn't connect to display"),
    ):
        make_output("preview?sound=none", OPTIONS).start(cast)


def test_a_python_without_tkinter_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "find_spec", lambda name: None)
    with broadcast(Drawn()) as cast, pytest.raises(OutputError, match="apt install python3-tk"):
        make_output("preview?sound=none", OPTIONS).start(cast)


def test_a_display_that_does_not_answer_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview, "WORKER", "code")  # Python's own prompt: it waits, and says no line
    monkeypatch.setattr(preview, "OPEN_LIMIT_S", 1.0)
    with pytest.raises(OutputError, match="no window can be shown"):
        preview.Window()
