"""How the bench holds pictures against sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from bench.errors import BenchError
from bench.flashes import Flashes, Watched, noise
from livetalk.protocols import PlayedFrame
from livetalk.transports.recorder import Recorder
from livetalk.types import FRAME_S
from tests.transports.flashes import OPTIONS, ByHand


class Late(Flashes):
    """Sound that comes two ticks after its picture."""

    def commit(self, tick: int) -> PlayedFrame:
        """A tick."""
        return replace(super().commit(tick), pcm=super().commit(tick - 2).pcm)


def watched(path: Path, timeline: Flashes, skipped: int = 0) -> Watched:
    source = ByHand()
    source.timeline = timeline
    recorder = Recorder(path, OPTIONS)
    recorder.start(source)
    source.play(60, lambda: recorder.status().ticks)
    source.tick += skipped
    source.play(30, lambda: recorder.status().ticks)
    recorder.stop()
    return Watched(path)


def test_late_sound_is_found_and_sound_in_time_is_not(tmp_path: Path) -> None:
    late = watched(tmp_path / "late.mp4", Late(noise()))
    assert late.offsets_s == pytest.approx(np.full(3, -2 * FRAME_S), abs=0.005)  # the first was on at once
    good = watched(tmp_path / "good.mp4", Flashes(noise()))
    assert good.offsets_s == pytest.approx(np.zeros(3), abs=0.005)


def test_the_longest_step_is_found(tmp_path: Path) -> None:
    seen = watched(tmp_path / "clip.mp4", Flashes(noise()), skipped=7)
    assert seen.longest_step_s == pytest.approx(8 * FRAME_S)
    assert seen.length_s == pytest.approx(97 * FRAME_S)


def test_a_file_without_sound_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        container.mux(stream.encode(av.VideoFrame(640, 480, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(BenchError, match="lacks pictures or sound"):
        Watched(path)
