"""How soon and how surely speech is heard to begin, to pause and to end: `python -m bench.turn_taking`.

Phrases stand two by two at known places in a stream, at any phase of the network's windows, with 400 ms
between the two, which are one turn with a pause; in a quiet room, and in pink noise. The stream arrives in
pieces of 20 ms; a decision is made when the piece is there that brings it. Then sounds that are no speech,
and short words, each alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.noises import NOISES, Random, Sound, pink
from bench.report import emit, plainly, tell
from bench.spread import Spread, spread
from bench.turns_heard import Heard, Place, compare, follow, of
from bench.utterances import SENTENCES, VOICES, WORDS, Phrase, phrases, say
from livetalk.audio.silero import CONTEXT_SAMPLES, STATE_SHAPE, WINDOW_SAMPLES, SileroModel
from livetalk.audio.turn_events import VoiceBegan, VoiceEnded, VoicePaused
from livetalk.audio.turn_taking import TurnTaking
from livetalk.types import SAMPLE_RATE, Int16Array

_GAP_S = 0.4
"""between the phrases of a turn"""
_REST_S = 1.5
"""between turns"""
_ROOM_DB = -70.0
"""below full scale: noise of a quiet room"""
_SPEECH_DB = -12.0
"""the loudest sample of a phrase"""
_LEVELS_DB = (-24.0, -12.0, -3.0)
"""the loudest sample of a noise"""
_ROOMS = {"quiet room": None, "pink noise, 20 dB": 20.0, "pink noise, 10 dB": 10.0}
_COSTED = 2000


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of sounds that stand alone."""

    count: int
    turns: int
    """how many were taken for a voice"""
    longer: int
    """how many of them had more speech than a brief turn"""
    speech_ms: Spread | None
    """in those turns"""
    held_ms: Spread | None
    """from the decision that somebody speaks to the first pause's"""


def lay(spoken: Sequence[Phrase], snr_db: float | None, random: Random) -> tuple[Int16Array, list[Place]]:
    """A stream of turns, two phrases each, and where they are; in a quiet room where there is no `snr_db`."""
    parts, places = [_rest(random)], []
    for first, second in zip(spoken[::2], spoken[1::2], strict=False):
        at = sum(map(len, parts))
        rest = round(_GAP_S * SAMPLE_RATE) - (len(first.sound) - first.end) - second.begin
        later = at + len(first.sound) + rest
        parts += [
            _peak(first.sound, _SPEECH_DB),
            np.zeros(rest),
            _peak(second.sound, _SPEECH_DB),
            _rest(random),
        ]
        marks = (first.begin + at, first.voice + at, first.end + at, second.begin + later, second.end + later)
        places.append(Place(*marks))
    sound = np.concatenate(parts)
    level = 10 ** (_ROOM_DB / 20)
    if snr_db is not None:
        level = float(np.sqrt(np.mean(sound[np.abs(sound) > 1e-3] ** 2))) * 10 ** (-snr_db / 20)
    return _pcm(sound + level * pink(len(sound) / SAMPLE_RATE, random)), places


def judge(model: SileroModel, sounds: Iterable[Sound], options: TurnTaking, random: Random) -> Judged:
    """What becomes of each sound in a quiet room, at several levels."""
    count, ended, held_ms = 0, [], []
    for sound in sounds:
        for level_db in _LEVELS_DB:
            room = np.concatenate([_rest(random), _peak(sound, level_db), _rest(random)])
            room += 10 ** (_ROOM_DB / 20) * pink(len(room) / SAMPLE_RATE, random)
            decisions = follow(model, _pcm(room), options)
            count += 1
            ended += [event for _, event in of(decisions, VoiceEnded)]
            for (began, _), (paused, _) in zip(
                of(decisions, VoiceBegan), of(decisions, VoicePaused), strict=False
            ):
                held_ms.append((paused - began) * 1000 / SAMPLE_RATE)
    longer = sum(not event.brief for event in ended)
    return Judged(count, len(ended), longer, spread(event.speech_ms for event in ended), spread(held_ms))


def cost_ms(model: SileroModel, random: Random) -> Spread | None:
    """What a window of 32 ms takes."""
    state, taken_ms = np.zeros(STATE_SHAPE, np.float32), []
    for sound in random.normal(0, 0.05, (_COSTED, CONTEXT_SAMPLES + WINDOW_SAMPLES)).astype(np.float32):
        began_s = time.perf_counter()
        _, state = model(sound, state)
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    return spread(taken_ms)


def hear(
    model: SileroModel, spoken: Sequence[Phrase], options: TurnTaking, rounds: int, random: Random
) -> dict[str, Heard]:
    """The phrases in each room, in another order and at other places in each round."""
    heard = {}
    for room, snr_db in _ROOMS.items():
        order = [spoken[number] for _ in range(rounds) for number in random.permutation(len(spoken))]
        pcm, places = lay(order, snr_db, random)
        heard[room] = compare(follow(model, pcm, options), places)
    return heard


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.turn_taking", description=__doc__)
    parser.add_argument(
        "--recordings", type=Path, nargs="*", default=[], help="of people who speak, also measured"
    )
    parser.add_argument("--rounds", type=int, default=4, help="times that each phrase is heard in each room")
    for each in dataclasses.fields(TurnTaking):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=float, default=each.default)
    asked = parser.parse_args()
    options = TurnTaking(**{each.name: getattr(asked, each.name) for each in dataclasses.fields(TurnTaking)})
    model, random = SileroModel.load(), np.random.default_rng(1)
    results: dict[str, Heard | Judged | Spread | None] = {"a window": cost_ms(model, random)}
    voices = {"espeak": [say(text, voice) for voice in VOICES for text in SENTENCES]}
    voices |= {path.stem: list(phrases(path)) for path in asked.recordings}
    for name, spoken in voices.items():
        for room, heard in hear(model, spoken, options, asked.rounds, random).items():
            results[f"{name}, {room}"] = heard
    for name, make in NOISES.items():
        results[f"no speech: {name}"] = judge(model, [make(random) for _ in range(20)], options, random)
    for word in WORDS:
        sounds = [say(word, voice).sound for voice in VOICES for _ in range(2)]
        results[f"a word: {word}"] = judge(model, sounds, options, random)
    for name, result in results.items():
        tell(name, result)
    emit(results, "livetalk.audio")
    return 0


def _rest(random: Random) -> Sound:
    return np.zeros(round(_REST_S * SAMPLE_RATE) + int(random.integers(WINDOW_SAMPLES)))


def _peak(sound: Sound, level_db: float) -> Sound:
    return np.asarray(sound / np.abs(sound).max() * 10 ** (level_db / 20))


def _pcm(sound: Sound) -> Int16Array:
    return (sound.clip(-1, 1) * 32767).astype(np.int16)


if __name__ == "__main__":
    sys.exit(plainly(main))
