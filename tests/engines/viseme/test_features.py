"""Windows of sound: streaming equals whole-file to the bit."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.engines.viseme.features import BLOCK_FRAMES, CONTEXT_MS, WINDOW_SHAPE, VisemeFeatures
from livetalk.engines.viseme.mel import HOP, LEAD, SILENT_FRAME, log_mel
from livetalk.types import CHUNK_SAMPLES, FRAME_SAMPLES, Float32Array, Int16Array

FRAMES_BEFORE = 37
"""mel frames of a window before its picture's own sound"""


def sound(samples: int, seed: int = 3) -> Int16Array:
    return np.random.default_rng(seed).integers(-8000, 8000, samples).astype(np.int16)


def whole(pcm: Int16Array) -> list[Float32Array]:
    features = VisemeFeatures()
    return [*features.push(pcm), *features.flush()]


def same(one: list[Float32Array], other: list[Float32Array]) -> bool:
    return len(one) == len(other) and all(
        first.tobytes() == second.tobytes() for first, second in zip(one, other, strict=True)
    )


@given(
    samples=st.integers(0, 12 * FRAME_SAMPLES),
    cuts=st.lists(st.integers(0, 12 * FRAME_SAMPLES), max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_any_chunking_gives_the_bits_of_the_whole_file(samples: int, cuts: list[int]) -> None:
    pcm = sound(samples)
    features = VisemeFeatures()
    streamed: list[Float32Array] = []
    for chunk in np.split(pcm, sorted(min(cut, samples) for cut in cuts)):
        streamed += features.push(chunk)
    streamed += features.flush()
    assert same(streamed, whole(pcm))


@pytest.mark.parametrize(("samples", "pictures"), [(0, 0), (1, 1), (640, 1), (641, 2), (6400, 10)])
def test_every_picture_even_a_partial_one_gets_a_window(samples: int, pictures: int) -> None:
    assert len(whole(sound(samples))) == pictures


def test_a_window_comes_as_soon_as_its_right_context_is_there() -> None:
    features = VisemeFeatures()
    chunks = np.split(sound(10 * FRAME_SAMPLES), 20)
    counts = [len(list(features.push(chunk))) for chunk in chunks]
    first = counts.index(1)
    assert (first + 1) * 20 == 40 + CONTEXT_MS
    assert CONTEXT_MS == 120
    assert counts[first:] == [1, *[0, 1] * ((len(counts) - first) // 2)]


def test_a_window_is_the_mel_frames_around_its_picture() -> None:
    pcm = sound(40 * FRAME_SAMPLES)
    mels = log_mel(np.pad(pcm, LEAD))
    picture = 20
    start = BLOCK_FRAMES * picture - FRAMES_BEFORE
    expected = mels[start : start + WINDOW_SHAPE[0]]
    assert np.abs(whole(pcm)[picture] - expected).max() < 1e-4


def test_left_of_the_utterance_is_silence() -> None:
    window = whole(sound(FRAME_SAMPLES * 4))[0]
    assert (window[: FRAMES_BEFORE - 1] == SILENT_FRAME).all()
    assert (window[FRAMES_BEFORE] > SILENT_FRAME).any()


def test_right_of_the_utterance_is_silence() -> None:
    window = whole(sound(FRAME_SAMPLES))[0]
    assert (window[FRAMES_BEFORE + BLOCK_FRAMES + 1 :] == SILENT_FRAME).all()


def test_no_sound_before_or_after_the_window_changes_it() -> None:
    pcm = sound(40 * FRAME_SAMPLES)
    changed = pcm.copy()
    picture = 20
    changed[: picture * FRAME_SAMPLES - FRAMES_BEFORE * HOP - LEAD] = 0
    changed[(picture + 1) * FRAME_SAMPLES + CONTEXT_MS * 16 :] = 0
    assert whole(pcm)[picture].tobytes() == whole(changed)[picture].tobytes()
    assert whole(pcm)[picture - 1].tobytes() != whole(changed)[picture - 1].tobytes()


@pytest.mark.parametrize("ending", ["reset", "flush"])
def test_a_new_utterance_knows_nothing_of_the_last(ending: str) -> None:
    features = VisemeFeatures()
    list(features.push(sound(FRAME_SAMPLES * 7 + 13, seed=4)))
    if ending == "flush":
        list(features.flush())
    else:
        features.reset()
    pcm = sound(FRAME_SAMPLES * 6)
    assert same([*features.push(pcm), *features.flush()], whole(pcm))


def test_sound_is_taken_in_even_when_the_windows_are_not_read() -> None:
    features = VisemeFeatures()
    pcm = sound(FRAME_SAMPLES * 8)
    unread = features.push(pcm[:-CHUNK_SAMPLES])
    read = [*features.push(pcm[-CHUNK_SAMPLES:]), *features.flush()]
    assert same([*unread, *read], whole(pcm))


def test_windows_are_read_only_and_of_one_shape() -> None:
    for window in whole(sound(FRAME_SAMPLES * 15)):
        assert window.shape == WINDOW_SHAPE
        assert window.dtype == np.float32
        assert not window.flags.writeable


def test_a_picture_costs_little() -> None:
    chunks = np.split(sound(FRAME_SAMPLES * 200), 400)
    features = VisemeFeatures()
    best_ms = 1e9
    for _ in range(5):
        started = time.perf_counter()
        for chunk in chunks:
            list(features.push(chunk))
        best_ms = min(best_ms, (time.perf_counter() - started) * 1000 / 200)
    assert best_ms < 0.5, "generous: it takes about 0.08 ms on an idle machine"
