from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from livetalk.errors import EngineError
from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.protocols import FeatureStream, LipJob
from livetalk.render.recording import Recording
from livetalk.render.rendering import Way, render
from livetalk.render.streamed import streamed_pictures
from livetalk.render.whole import whole_pictures
from livetalk.types import Int16Array, Mouth, Picture
from tests.fakes import FakeAvatar, FakeEngine, LevelStream
from tests.render.sounds import staircase

PICTURES = 22
WAYS = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return staircase(tmp_path, PICTURES)


def rendered(engine: FakeEngine, recording: Recording, stream: bool) -> list[Picture]:
    pictures: list[Picture] = []
    steps: list[None] = []
    render(
        engine,
        FakeAvatar(),
        recording,
        Way(stream, compare=False, lookahead_ms=40),
        [lambda picture, matte=None: pictures.append(picture)],
        lambda: steps.append(None),
    )
    assert len(steps) == len(pictures)
    return pictures


@WAYS
def test_each_picture_has_the_mouth_of_its_own_sound_on_the_next_pose(
    recording: Recording, stream: bool
) -> None:
    pictures = rendered(FakeEngine(), recording, stream)
    levels = np.abs(recording.pcm.reshape(PICTURES, -1).astype(float)).mean(axis=1)
    assert [int(picture[0, 0]) for picture in pictures] == [min(255, int(level) // 64) for level in levels]
    assert [int(picture[1, 1]) for picture in pictures] == [pose % 5 for pose in range(PICTURES)]


def test_a_whole_recording_goes_in_full_batches(recording: Recording) -> None:
    engine = FakeEngine()
    rendered(engine, recording, stream=False)
    assert engine.batches == [4, 4, 4, 4, 4, 2]


class OnceSlowEngine(FakeEngine):
    """Takes its time with the first batch, as a GPU does."""

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        until = time.perf_counter() + (0.0 if self.batches else 0.1)
        while time.perf_counter() < until:
            pass
        return super().infer(jobs)


def test_streamed_pictures_have_a_mouth_each_however_slow_the_engine_is(recording: Recording) -> None:
    assert np.array_equal(
        rendered(OnceSlowEngine(), recording, stream=True), rendered(FakeEngine(), recording, stream=False)
    )


@WAYS
def test_an_engine_that_fails_ends_the_rendering_with_its_error(recording: Recording, stream: bool) -> None:
    engine = FakeEngine()
    engine.failing = True
    with pytest.raises((EngineError, RuntimeError), match="the engine broke"):
        rendered(engine, recording, stream)


def test_an_engine_that_hears_too_little_is_told(recording: Recording) -> None:
    class Deaf(FakeEngine):
        def listen(self, pcm: Int16Array) -> object:  # type: ignore[override]
            return iter([np.array([1.0])] * 5)

    with pytest.raises(EngineError, match="heard less than 22 pictures"):
        rendered(Deaf(), recording, stream=False)


def test_what_cannot_be_written_ends_the_rendering_and_its_threads(recording: Recording) -> None:
    def full(picture: Picture, matte: Picture | None = None) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        render(FakeEngine(), FakeAvatar(), recording, Way(True, True, 40), [full], lambda: None)


def test_an_iterator_that_is_not_read_to_its_end_lets_go_of_its_threads(recording: Recording) -> None:
    engine, avatar = FakeEngine(), FakeAvatar()
    batcher = Batcher(engine, Metrics())
    batcher.start()
    with closing(streamed_pictures(engine, avatar, recording, batcher, 40)) as pictures:
        next(pictures)
    batcher.stop()


@WAYS
def test_two_ways_that_are_the_same_compare_as_the_same(recording: Recording, stream: bool) -> None:
    comparison = render(FakeEngine(), FakeAvatar(), recording, Way(stream, True, 40), [], lambda: None)
    assert comparison is not None
    assert (comparison.pictures, comparison.different) == (PICTURES, 0)


def test_a_stream_that_hears_otherwise_is_seen_to_differ(recording: Recording) -> None:
    class Muffled(FakeEngine):
        def features(self, lookahead_ms: int = 0) -> FeatureStream:
            assert lookahead_ms == 160
            return MuffledStream()

    class MuffledStream(LevelStream):
        def push(self, pcm: Int16Array):  # type: ignore[no-untyped-def]
            return super().push(pcm // 2)

    comparison = render(Muffled(), FakeAvatar(), recording, Way(False, True, 160), [], lambda: None)
    assert comparison is not None
    assert comparison.different > PICTURES - 5
    assert comparison.worst == PICTURES - 1


def test_whole_pictures_are_made_as_they_are_asked_for(recording: Recording) -> None:
    engine = FakeEngine()
    pictures = whole_pictures(engine, FakeAvatar(), recording, engine.infer)
    next(pictures)
    assert engine.batches == [4]
