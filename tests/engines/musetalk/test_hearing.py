from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.engines.musetalk.hearing import AFTER, CONTEXT_MS, Hearing, Trim
from livetalk.engines.musetalk.listening import STEP_SAMPLES, listen
from livetalk.engines.musetalk.mel import SEGMENT_SAMPLES
from livetalk.engines.musetalk.whisper import WhisperEncoder, WhisperShape
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, Int16Array

CPU = torch.device("cpu")
WAYS = pytest.mark.parametrize("trim", [None, Trim(20)], ids=["exact", "trimmed"])


@pytest.fixture(scope="module")
def encoder() -> WhisperEncoder:
    """Of whisper's build, but small."""
    torch.manual_seed(4)
    torch.set_num_threads(1)
    return WhisperEncoder(WhisperShape(width=16, layers=4, heads=2, hidden=32, positions=1500)).eval()


def speech(samples: int, seed: int = 1) -> Int16Array:
    return np.random.default_rng(seed).normal(0, 3000, samples).astype(np.int16)


def hear(hearing: Hearing, pcm: Int16Array, cuts: list[int]) -> torch.Tensor:
    windows: list[torch.Tensor] = []
    for piece in np.split(pcm, cuts):
        windows += hearing.push(piece)
    return torch.stack([*windows, *hearing.flush()])


@WAYS
@settings(deadline=None, max_examples=15)
@given(cuts=st.lists(st.integers(0, 16_000), max_size=8))
def test_however_the_sound_is_cut_the_windows_are_bit_for_bit_the_same(
    encoder: WhisperEncoder, trim: Trim | None, cuts: list[int]
) -> None:
    pcm = speech(16_000)
    hearing = Hearing(encoder, CPU, trim)
    whole = hear(hearing, pcm, [])
    assert torch.equal(hear(hearing, pcm, sorted(cuts)), whole)
    assert whole.shape == (25, 50, 16)


@WAYS
def test_a_window_comes_when_the_sound_of_its_steps_is_there(
    encoder: WhisperEncoder, trim: Trim | None
) -> None:
    hearing = Hearing(encoder, CPU, trim)
    assert STEP_SAMPLES * AFTER == FRAME_SAMPLES + CONTEXT_MS * SAMPLE_RATE // 1000
    assert [*hearing.push(speech(STEP_SAMPLES * AFTER - 1))] == []
    assert len([*hearing.push(speech(1))]) == 1


def test_the_end_of_an_utterance_is_heard_as_in_a_whole_recording(encoder: WhisperEncoder) -> None:
    pcm = speech(8 * FRAME_SAMPLES)
    with torch.inference_mode():
        whole = torch.stack(listen(torch.from_numpy(pcm.astype(np.float32) / 32768), encoder))
    heard = hear(Hearing(encoder, CPU), pcm, [])
    torch.testing.assert_close(heard[-2:], whole[-2:])


def test_a_full_segment_is_heard_as_in_a_whole_recording(encoder: WhisperEncoder) -> None:
    pcm = speech(SEGMENT_SAMPLES + 4 * FRAME_SAMPLES)
    with torch.inference_mode():
        whole = torch.stack(listen(torch.from_numpy(pcm.astype(np.float32) / 32768), encoder))
    hearing = Hearing(encoder, CPU)
    windows = torch.stack([*hearing.push(pcm), *hearing.flush()])
    assert len(windows) == len(whole) == SEGMENT_SAMPLES // FRAME_SAMPLES + 4
    torch.testing.assert_close(windows[-2:], whole[-2:])


def test_nothing_is_remembered_of_the_last_utterance(encoder: WhisperEncoder) -> None:
    hearing = Hearing(encoder, CPU)
    fresh = hear(hearing, speech(6400), [])
    [*hearing.push(speech(5000, seed=9))]
    hearing.reset()
    assert torch.equal(hear(hearing, speech(6400), []), fresh)


def test_a_picture_with_part_of_its_sound_counts_as_whole(encoder: WhisperEncoder) -> None:
    assert len(hear(Hearing(encoder, CPU), speech(FRAME_SAMPLES + 320), [])) == 2
    assert [*Hearing(encoder, CPU).flush()] == []


def test_with_all_the_sound_ahead_it_hears_as_in_a_whole_recording(encoder: WhisperEncoder) -> None:
    pcm = speech(30 * FRAME_SAMPLES)
    with torch.inference_mode():
        whole = torch.stack(listen(torch.from_numpy(pcm.astype(np.float32) / 32768), encoder))
    heard = hear(Hearing(encoder, CPU, lookahead_ms=30_000), pcm, [])
    torch.testing.assert_close(heard, whole)
    assert not torch.allclose(hear(Hearing(encoder, CPU), pcm, []), whole, atol=1e-3)


@WAYS
def test_the_more_it_may_look_ahead_the_later_a_window_comes(
    encoder: WhisperEncoder, trim: Trim | None
) -> None:
    hearing = Hearing(encoder, CPU, trim, lookahead_ms=CONTEXT_MS + 200)
    needed = STEP_SAMPLES * AFTER + 200 * SAMPLE_RATE // 1000
    assert [*hearing.push(speech(needed - 1))] == []
    assert len([*hearing.push(speech(1))]) == 1


@settings(deadline=None, max_examples=10)
@given(cuts=st.lists(st.integers(0, 16_000), max_size=8))
def test_looking_ahead_does_not_depend_on_how_the_sound_is_cut(
    encoder: WhisperEncoder, cuts: list[int]
) -> None:
    pcm = speech(16_000)
    hearing = Hearing(encoder, CPU, Trim(20), lookahead_ms=400)
    assert torch.equal(hear(hearing, pcm, sorted(cuts)), hear(hearing, pcm, []))


@WAYS
def test_sound_that_nothing_listens_to_any_more_is_let_go_of(trim: Trim | None) -> None:
    hearing = Hearing(lambda mel: torch.zeros(1, mel.shape[-1] // 2, 5, 16), CPU, trim)
    sound = speech(SEGMENT_SAMPLES + SAMPLE_RATE)
    held = []
    for piece in np.split(sound, range(SAMPLE_RATE, len(sound), SAMPLE_RATE)):
        for _ in hearing.push(piece):
            pass
        held.append(sum(map(len, hearing._parts)))
    most = 2 * SAMPLE_RATE if trim else SEGMENT_SAMPLES + SAMPLE_RATE
    assert max(held) <= most
    assert held[-1] < 2 * SAMPLE_RATE
