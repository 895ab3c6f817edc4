from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from bench import clips
from bench.errors import BenchError
from bench.lips import engine_talk, path_offsets
from bench.scenarios.sync import Talk, summarise
from bench.sync import Signal
from livetalk.avatar.bundle import AvatarBundle
from livetalk.protocols import EngineAvatar, EngineSpec, LipJob
from livetalk.types import FRAME_SAMPLES, Int16Array, Mouth, Picture, Window

SIZE = 160


class LoudnessEngine:
    """Opens the mouth by the loudness of the picture's own 40 ms, or of those some pictures before."""

    spec = EngineSpec("loudness", best_batch=1, context_ms=0)

    def __init__(self, late_pictures: int, gain: float = 5.0) -> None:
        self._late = late_pictures
        self._gain = gain

    def load(self, models: Path, device: str) -> None: ...

    def open_avatar(self, bundle: AvatarBundle) -> EngineAvatar:
        return cast(EngineAvatar, None)

    def features(self, lookahead_ms: int = 0) -> LoudnessEngine:
        return self

    def listen(self, pcm: Int16Array) -> Iterator[Window]:
        return self.push(pcm)

    def push(self, pcm: Int16Array) -> Iterator[Window]:
        whole = len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES
        power = (pcm[:whole].reshape(-1, FRAME_SAMPLES).astype(np.float32) / 32768) ** 2
        yield from np.roll(np.sqrt(power.mean(axis=1)), self._late)

    def flush(self) -> Iterator[Window]:
        return iter(())

    def reset(self) -> None: ...

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        return [job.window for job in jobs]

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        picture = np.full((SIZE * 3 // 2, SIZE), 150, np.uint8)
        picture[96:112, 64:96] -= np.uint8(min(100.0, float(mouth) * 100 * self._gain))
        return picture

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        return mouth * share


class Bundle:
    height = SIZE


@pytest.mark.parametrize(("late_pictures", "late_ms"), [(0, 0.0), (1, 40.0), (-2, -80.0)])
def test_an_engine_that_is_early_or_late_is_found_out(late_pictures: int, late_ms: float) -> None:
    clip = clips.syllables(12.0)

    found = summarise(engine_talk(LoudnessEngine(late_pictures), cast(AvatarBundle, Bundle()), clip))

    assert found is not None
    assert found.median_ms == pytest.approx(late_ms, abs=1.0)
    assert found.furthest_from_median_ms < 1.5


def test_an_engine_that_moves_nothing_has_no_offset() -> None:
    with pytest.raises(BenchError, match="nothing in the picture moves"):
        engine_talk(LoudnessEngine(0, gain=0), cast(AvatarBundle, Bundle()), clips.syllables(6.0))


@pytest.mark.parametrize(("picture_ms", "sound_ms"), [(0.0, 0.0), (12.0, 0.0), (0.0, 23.0), (-30.0, 5.0)])
def test_a_path_is_measured_apart_from_an_engine_that_is_late(picture_ms: float, sound_ms: float) -> None:
    own = engine_talk(LoudnessEngine(2), cast(AvatarBundle, Bundle()), clips.syllables(12.0))
    received = Talk(
        Signal(own.mouth.times_s + 1000 + picture_ms / 1000, own.mouth.values),
        Signal(own.sound.times_s + 1000 + sound_ms / 1000, own.sound.values),
    )

    found = path_offsets(received, own)

    assert found is not None
    assert found.median_ms == pytest.approx(picture_ms - sound_ms, abs=1.0)
    assert found.furthest_from_median_ms < 1.5
