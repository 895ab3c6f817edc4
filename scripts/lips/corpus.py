"""Labelled speech: utterances of many voices in many rooms, all from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from livetalk.engines.viseme.mel import HOP, LEAD, log_mel
from livetalk.engines.viseme.shape import CLOSED, PARAMETERS, TUCK
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, Float32Array, Int16Array
from scripts.lips import flite
from scripts.lips.espeak import Voice, espeak
from scripts.lips.labels import GRID, Segment, closures, segments, track
from scripts.lips.sounds import at_level, breath, noise, on_its_way, with_noise
from scripts.lips.texts import english, sentence

TRAINING_VARIANTS = (
    *("", "m1", "m2", "m4", "m5", "m7", "m8", "f1", "f3", "f4", "klatt", "klatt2", "klatt4", "klatt5"),
    *("Alex", "Alicia", "Andrea", "Andy", "Denis", "Diogo", "Gene", "Henrique", "Hugo", "Jacky", "Lee"),
    *("Mario", "Michael", "Mike", "Nguyen", "Reed", "RicishayMax", "Storm", "adam", "anika", "antonio"),
    *("aunty", "benjamin", "caleb", "david", "edward", "grandma", "grandpa", "iven", "john"),
    *("linda", "max", "michel", "miguel", "pablo", "paul", "pedro", "robert", "sandro", "steph"),
    *("steph2", "victor", "whisper", "zac", "croak", "fast"),
)
HELD_OUT_VARIANTS = ("m3", "m6", "f2", "f5", "klatt3", "Annie", "belinda", "boris", "gustave", "marcelo")
"""never trained on. In neither list: a few with formants that no mouth has (Marco, kaukovalta, norbert,
shelby, travis), as what they say is not the vowel that their label names, and one that crashes (rob)"""
TRAINING_FLITE_VOICES = ("slt", "rms", "kal16")
HELD_OUT_FLITE_VOICES = ("awb",)
FLITE_SHARE = 0.3
"""of the utterances, where flite is installed"""


@dataclass(frozen=True, slots=True)
class Speech:
    """One utterance, and what the mouth does."""

    sound: Float32Array
    """(n,), 16 kHz, peak 1"""
    track: Float32Array
    """(n // 80, 7), every 5 ms"""
    closures: list[tuple[float, float]]
    """s"""


def utterance(variants: tuple[str, ...], rng: np.random.Generator) -> Speech:
    """Something said by someone of espeak's; the speaker's size (the vocal tract) varies by a fifth."""
    while True:
        language, text = sentence(rng)
        variant = variants[rng.integers(len(variants))]
        size = rng.uniform(0.82, 1.22)
        voice = Voice(
            f"{language}+{variant}" if variant else language,
            round(rng.uniform(115, 215) * size),
            round(np.clip(rng.normal(50, 22), 0, 99)),
            round(rng.uniform(20, 99)),
        )
        spoken = espeak().speak(text, voice)
        if len(spoken.pcm) > spoken.rate:
            break
    sounds = segments(spoken.phones, spoken.pcm, spoken.rate)
    return _resized(spoken.pcm.astype(np.float32), sounds, size * SAMPLE_RATE / spoken.rate, spoken.rate)


def flite_utterance(voices: tuple[str, ...], rng: np.random.Generator) -> Speech:
    """English, said by one of flite's voices; the size varies likewise."""
    size = rng.uniform(0.82, 1.22)
    voice = voices[rng.integers(len(voices))]
    sound, sounds = flite.speak(english(rng), voice, rng.uniform(0.8, 1.3) / size)
    return _resized(sound, sounds, size, SAMPLE_RATE)


def _resized(sound: Float32Array, sounds: list[Segment], factor: float, rate: int) -> Speech:
    """Resampled to `factor` times as many samples: a larger, deeper, slower speaker."""
    up = round(256 * factor)
    stretch = up / 256 * rate / SAMPLE_RATE
    moved = [Segment(one.symbol, one.start * stretch, one.end * stretch) for one in sounds]
    heard = resample_poly(sound, up, 256).astype(np.float32)
    heard = heard[: len(heard) // FRAME_SAMPLES * FRAME_SAMPLES]
    return Speech(at_level(heard, 0), track(moved, len(heard) / SAMPLE_RATE), closures(moved))


def as_pcm(sound: Float32Array) -> Int16Array:
    """Sound in [-1, 1] as it comes from a wire."""
    result: Int16Array = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
    return result


def rolling_pictures(fine: Float32Array) -> Float32Array:
    """(m, 7): row k is the label of a picture that begins at sample 160 k."""
    per_picture, step = FRAME_SAMPLES // GRID, HOP // GRID
    padded = np.concatenate((fine, np.zeros((per_picture - step, len(PARAMETERS)), np.float32)))
    whole = np.lib.stride_tricks.sliding_window_view(padded, per_picture, axis=0)[::step]
    result: Float32Array = whole.mean(axis=-1)
    result[:, [CLOSED, TUCK]] = whole[:, [CLOSED, TUCK], 1:-1].max(axis=-1)
    return result


@dataclass(frozen=True, slots=True)
class Take:
    """What the network trains on."""

    mels: Float32Array
    """(m, BANDS), a frame each 10 ms"""
    mouths: Float32Array
    """(m, 7), row k for a picture that begins with frame k"""


def take(sound: Float32Array, fine: Float32Array) -> Take:
    """Sound and track as the network sees them."""
    padded = np.pad(as_pcm(sound), LEAD)
    mels = log_mel(padded)
    return Take(mels, rolling_pictures(fine)[: len(mels)])


def training_takes(hours: float, rng: np.random.Generator) -> Iterator[Take]:
    """Until so many hours are full: speech in nine of ten takes, else nothing but noise."""
    left_s = hours * 3600
    while left_s > 0:
        made = _noise_take(rng) if rng.random() < 0.08 else _speech_take(rng)
        left_s -= len(made.mels) * HOP / SAMPLE_RATE
        yield made


def _noise_take(rng: np.random.Generator) -> Take:
    count = FRAME_SAMPLES * 150
    sound = noise(count, rng) * np.float32(10 ** (rng.uniform(-80, -22) / 20))
    for _ in range(rng.integers(0, 4)):
        sound += breath(count, rng) * np.float32(10 ** (rng.uniform(-60, -20) / 20))
    return take(sound, _rest(sound))


def _pause(rng: np.random.Generator) -> Float32Array:
    """40 to 760 ms of nothing said, half the time a breath."""
    count = FRAME_SAMPLES * int(rng.integers(1, 20))
    level = rng.uniform(-45, -12) if rng.random() < 0.5 else -200
    drawn: Float32Array = breath(count, rng) * np.float32(10 ** (level / 20))
    return drawn


def _rest(sound: Float32Array) -> Float32Array:
    return np.zeros((len(sound) // GRID, len(PARAMETERS)), np.float32)


def _speech_take(rng: np.random.Generator) -> Take:
    """One to three utterances in one room, with pauses before, between and after them."""
    sounds, tracks = [_pause(rng)], []
    for _ in range(rng.integers(1, 4)):
        speech = _utterance(rng)
        sounds += [speech.sound, _pause(rng)]
        tracks += [_rest(sounds[-3]), speech.track]
    sound = on_its_way(np.concatenate(sounds), rng)
    if rng.random() < 0.65:
        sound = with_noise(sound, rng.uniform(5, 45), rng)
    return take(at_level(sound, rng.uniform(-38, 0)), np.concatenate((*tracks, _rest(sounds[-1]))))


def _utterance(rng: np.random.Generator) -> Speech:
    if flite.program() and rng.random() < FLITE_SHARE:
        return flite_utterance(TRAINING_FLITE_VOICES, rng)
    return utterance(TRAINING_VARIANTS, rng)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All takes in one row."""

    mels: npt.NDArray[np.float16]
    """(m, BANDS)"""
    mouths: npt.NDArray[np.float16]
    """(m, 7)"""


def training_corpus(hours: float, rng: np.random.Generator) -> Corpus:
    """So many hours of it."""
    takes = list(training_takes(hours, rng))
    return Corpus(
        np.concatenate([one.mels.astype(np.float16) for one in takes]),
        np.concatenate([one.mouths.astype(np.float16) for one in takes]),
    )


def join(parts: Sequence[Corpus]) -> Corpus:
    """Lay them end to end."""
    return Corpus(np.concatenate([one.mels for one in parts]), np.concatenate([one.mouths for one in parts]))


def write_corpus(corpus: Corpus, path: Path) -> None:
    """Keep it for another training."""
    np.savez(path, allow_pickle=False, mels=corpus.mels, mouths=corpus.mouths)


def read_corpus(path: Path) -> Corpus:
    """Read what `write_corpus` wrote."""
    with np.load(path) as arrays:
        return Corpus(arrays["mels"], arrays["mouths"])
