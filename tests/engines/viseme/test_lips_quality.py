"""The shipped lips, on voices they never heard: freshly made ones, and people where there is a recording."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from livetalk.engines.viseme.network import LipNetwork
from livetalk.engines.viseme.shape import CLOSED, JAW, PARAMETERS, ROUND, TEETH, TUCK, WIDE
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, Float32Array
from scripts.lips.evaluation import (
    TREATMENTS,
    Closures,
    Score,
    compare_closures,
    lag_ms,
    loudness,
    mouths_of,
    opening,
    restlessness,
    score,
    shut_spans,
)
from scripts.lips.heldout import Judged, load
from scripts.lips.sounds import at_level, hum

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("LIVETALK_SHARED", ROOT.parent / "shared"))
UTTERANCES = 40
SEED = 20_26


@pytest.fixture(scope="module")
def network() -> LipNetwork:
    return LipNetwork(ROOT / "models" / "viseme" / "lips.onnx")


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    path = tmp_path_factory.mktemp("lips") / "speech.npz"
    command = [sys.executable, "-m", "scripts.lips.heldout", str(path)]
    command += ["--utterances", str(UTTERANCES), "--seed", str(SEED)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)
    return load(path)


@pytest.fixture(scope="module")
def clean(network: LipNetwork, speech: list[Judged]) -> Score:
    return score(network, speech, TREATMENTS["clean"], SEED)


# -- the yardsticks -----------------------------------------------------------------------------


def mouths_shut(*pictures: int) -> Float32Array:
    mouths = np.zeros((50, len(PARAMETERS)), np.float32)
    mouths[list(pictures), CLOSED] = 0.9
    return mouths


def test_a_closure_shown_within_40_ms_is_found() -> None:
    assert compare_closures(mouths_shut(10, 11), [(0.47, 0.5)]) == Closures(labelled=1, found=1, invented=0)


def test_a_closure_shown_elsewhere_is_missed_and_invented() -> None:
    assert compare_closures(mouths_shut(10, 11), [(0.53, 0.6)]) == Closures(labelled=1, found=0, invented=1)


@pytest.mark.parametrize("late_ms", [-60, -15, 0, 10, 40])
def test_a_late_track_is_measured_to_be_late(late_ms: float) -> None:
    times = np.arange(500) * 0.04
    waves = np.random.default_rng(1).uniform(0.5, 4, 12)

    def track(at: Float32Array) -> Float32Array:
        return np.asarray(np.sin(2 * np.pi * at[:, None] * waves + waves).sum(axis=1), np.float32)

    early, late = track(times.astype(np.float32)), track((times - late_ms / 1000).astype(np.float32))
    assert lag_ms(late, early) == pytest.approx(late_ms, abs=3)


# -- voices that were never heard ---------------------------------------------------------------


def test_the_mean_error_on_unheard_voices_is_at_most_four_hundredths(clean: Score) -> None:
    assert clean.error <= 0.04


def test_nine_of_ten_closures_are_seen(clean: Score) -> None:
    assert clean.closures.labelled >= 100
    assert clean.closures.recall >= 0.9


def test_few_closures_are_invented(clean: Score) -> None:
    assert clean.closures.false_alarms <= 0.1


def test_the_jaw_is_neither_early_nor_late(clean: Score) -> None:
    assert abs(clean.lag_ms) < 10
    assert abs(clean.loudness_lag_ms) < 10


def test_the_mouth_moves_as_much_as_it_should(clean: Score) -> None:
    assert 0.85 <= clean.liveliness <= 1.15


@pytest.mark.parametrize("treatment", ["full scale", "35 dB down"])
def test_level_does_not_matter(
    network: LipNetwork, speech: list[Judged], clean: Score, treatment: str
) -> None:
    treated = score(network, speech, TREATMENTS[treatment], SEED)
    assert treated.error <= clean.error + 0.005
    assert treated.closures.recall >= 0.9


@pytest.mark.parametrize(
    ("treatment", "error", "recall"),
    [("noise, SNR 20 dB", 0.055, 0.85), ("room", 0.06, 0.8), ("telephone", 0.05, 0.88)],
)
def test_bad_recordings_do_little_harm(
    network: LipNetwork, speech: list[Judged], treatment: str, error: float, recall: float
) -> None:
    treated = score(network, speech, TREATMENTS[treatment], SEED)
    assert treated.error <= error
    assert treated.closures.recall >= recall


@pytest.mark.parametrize(
    ("parameter", "at_least"),
    [(JAW, 0.6), (WIDE, 0.6), (ROUND, 0.6), (CLOSED, 0.8), (TUCK, 0.8), (TEETH, 0.7)],
)
def test_strong_shapes_are_shown_strongly(
    network: LipNetwork, speech: list[Judged], parameter: int, at_least: float
) -> None:
    guess = np.concatenate([mouths_of(network, at_level(one.sound, -3)) for one in speech])
    truth = np.concatenate([one.mouths for one in speech])
    strong = truth[:, parameter] > 0.8
    assert strong.sum() >= 50
    assert guess[strong, parameter].mean() >= at_least
    assert guess[truth[:, parameter] < 0.1, parameter].mean() < 0.1


def test_a_held_shape_is_held_still(network: LipNetwork, speech: list[Judged]) -> None:
    moves = []
    for one in speech:
        still = np.abs(np.diff(one.mouths, axis=0)).max(axis=1) < 0.03
        moves.append(np.abs(np.diff(mouths_of(network, at_level(one.sound, -3)), axis=0))[still])
    moved = np.concatenate(moves)
    assert len(moved) >= 100
    assert moved.mean() < 0.03


def test_in_silence_the_mouth_rests(network: LipNetwork) -> None:
    assert mouths_of(network, np.zeros(SAMPLE_RATE, np.float32)).max() < 0.05


@pytest.mark.parametrize("level_db", [-70, -50, -35])
def test_on_mains_hum_the_mouth_rests(network: LipNetwork, level_db: float) -> None:
    sound = hum(2 * SAMPLE_RATE, np.random.default_rng(SEED)) * np.float32(10 ** (level_db / 20))
    assert mouths_of(network, sound)[5:].max() < 0.05


def test_on_room_tone_and_hiss_the_mouth_rests(network: LipNetwork) -> None:
    highest = restlessness(network, 40, SEED)
    assert (highest < 0.05).mean() >= 0.95
    assert highest.max() < 0.3


def test_after_speech_the_mouth_comes_to_rest(network: LipNetwork, speech: list[Judged]) -> None:
    for one in speech[:10]:
        spoken = np.flatnonzero(np.abs(one.sound) > 1e-3)[-1] // FRAME_SAMPLES
        sound = np.pad(at_level(one.sound, -3), (0, FRAME_SAMPLES * 12))
        assert mouths_of(network, sound)[spoken + 6 :].max() < 0.05


# -- people -------------------------------------------------------------------------------------


def recording(name: str) -> Float32Array:
    path = SHARED / "media" / f"{name}.wav"
    if not path.is_file():
        pytest.skip(f"{path} is not there: recordings of people are not part of the repository")
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    heard: Float32Array = resample_poly(sound.mean(axis=1), SAMPLE_RATE, rate).astype(np.float32)
    return heard[: len(heard) // FRAME_SAMPLES * FRAME_SAMPLES]


def runs(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], at_least: int) -> list[slice]:
    """Where at least so many pictures in a row are flagged."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags, [0])))).reshape(-1, 2)
    return [slice(int(start), int(end)) for start, end in edges if end - start >= at_least]


PEOPLE = pytest.mark.parametrize("name", ["eng", "yongen", "sun"])


@pytest.mark.shared
@PEOPLE
def test_people_close_their_lips_at_a_plausible_rate(network: LipNetwork, name: str) -> None:
    sound = recording(name)
    level = loudness(sound)
    speaking_s = float((level > level.max() - 35).sum()) * 0.04
    closures = shut_spans(mouths_of(network, sound))
    assert 0.4 <= len(closures) / speaking_s <= 4
    assert np.median([end - start for start, end in closures]) <= 0.16


@pytest.mark.shared
@PEOPLE
def test_peoples_mouths_are_shut_in_pauses(network: LipNetwork, name: str) -> None:
    sound = recording(name)
    level = loudness(sound)
    mouths = mouths_of(network, sound)
    pauses = [mouths[pause, JAW] for pause in runs(level < level.max() - 40, at_least=5)]
    assert len(pauses) >= 3
    assert max(float(np.median(jaw)) for jaw in pauses) < 0.1
    assert np.concatenate(pauses).mean() < 0.1


@pytest.mark.shared
@PEOPLE
def test_peoples_mouths_never_freeze_while_they_speak(network: LipNetwork, name: str) -> None:
    sound = recording(name)
    level = loudness(sound)
    mouths = mouths_of(network, sound)
    for spoken in runs(level > level.max() - 25, at_least=12):
        assert np.ptp(mouths[spoken], axis=0).max() > 0.15
    assert np.std(mouths[level > level.max() - 35, JAW]) > 0.1


@pytest.mark.shared
@PEOPLE
def test_peoples_jaws_follow_their_loudness(network: LipNetwork, name: str) -> None:
    sound = recording(name)
    level = loudness(sound, range_db=45)
    mouths = mouths_of(network, sound)
    assert np.corrcoef(opening(mouths), level)[0, 1] > 0.3
    assert abs(lag_ms(opening(mouths), level)) < 45, "the jaw leads into and out of vowels"
