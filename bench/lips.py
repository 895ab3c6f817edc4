"""The lip engine's own share of the offset, and the serving path's: `python -m bench.lips`.

Lips also move for what is not loud, so a mouth that is perfectly in time is still some milliseconds off the
loudness of its sound. Without server, codec or clock this measures by how much (`engine`); with `--url` it
then has a server speak the same clip, and compares the mouth that arrives with the engine's own, and the
sound with the clip's (`path`).
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.api import open_api
from bench.decode import Array, block_means
from bench.errors import BenchError
from bench.mouth import find_mouth
from bench.packets import AUDIO_RATE
from bench.report import emit, plainly, tell
from bench.scenarios.sync import (
    Offsets,
    Talk,
    burst_clip,
    offsets,
    read_talk,
    record,
    speech_clip,
    speech_windows,
    summarise,
)
from bench.sound import LOUD
from bench.sync import FRAME_S, Offset, Signal, loudness, offset
from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.protocols import Engine, LipJob
from livetalk.registry import make_engine
from livetalk.types import SAMPLE_RATE, Int16Array

_REST_S = 3.0
_CLIP_S = 20.0


def engine_talk(engine: Engine, bundle: AvatarBundle, clip: bytes) -> Talk:
    """An engine's mouth of one clip, the body held still, and the clip's loudness.

    Raises:
        BenchError: nothing moves with the speech.
    """
    samples = _read(clip)
    blocks = np.stack(list(_pictures(engine, bundle, samples)))
    played = np.repeat(samples, AUDIO_RATE // SAMPLE_RATE).astype(np.float32) / np.float32(32768)
    heard = loudness(np.asarray(played, np.float32))
    times_s = np.asarray(np.arange(len(blocks)) * FRAME_S, np.float64)
    mouth = find_mouth(blocks, times_s, np.interp(times_s, heard.times_s, heard.values) > LOUD)
    if mouth is None:
        raise BenchError("nothing in the picture moves with the speech")
    return Talk(Signal(times_s, mouth.openness), heard)


def path_offsets(received: Talk, own: Talk) -> Offsets | None:
    """By how much the way to the receiver moved the picture against the sound, in each window.

    That is how late the received mouth is against the engine's own, less how late the received sound is
    against the clip's.
    """
    shift_s = _onset_s(received.sound) - _onset_s(own.sound)
    mouth, sound = (Signal(each.times_s + shift_s, each.values) for each in (own.mouth, own.sound))
    found = []
    for start_s in speech_windows(received):
        picture, heard = offset(received.mouth, mouth, start_s), offset(received.sound, sound, start_s)
        moved_ms = picture.picture_minus_sound_ms - heard.picture_minus_sound_ms
        found.append(Offset(start_s, moved_ms, min(picture.correlation, heard.correlation)))
    return offsets(found)


def _onset_s(sound: Signal) -> float:
    return float(sound.times_s[np.argmax(sound.values > LOUD)])


def _pictures(engine: Engine, bundle: AvatarBundle, samples: Int16Array) -> Iterator[Array]:
    avatar = engine.open_avatar(bundle)
    stream = engine.features()
    for windows in (stream.push(samples), stream.flush()):
        for window in windows:
            (mouth,) = engine.infer([LipJob(window, 0, avatar)])
            picture: npt.NDArray[np.uint8] = engine.paste(mouth, 0, avatar)
            yield block_means(picture[: bundle.height])


def _read(clip: bytes) -> Int16Array:
    """A clip at 16 kHz (linear between its samples), with rest before and after."""
    with wave.open(io.BytesIO(clip)) as file:
        found = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    places = np.arange(len(found) * SAMPLE_RATE // rate) * rate / SAMPLE_RATE
    rest = round(_REST_S * SAMPLE_RATE)
    return np.pad(np.interp(places, np.arange(len(found)), found), rest).astype(np.int16)


async def _path(url: str, clip: bytes, own: Talk) -> Offsets | None:
    async with open_api(url) as api:
        received = read_talk(*await record(api, clip, 1))
    if received.declared is None:
        raise BenchError("the server sends no reports, so nobody can tell what belongs together")
    return path_offsets(received.declared, own)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.lips", description=__doc__)
    parser.add_argument("--engine", default="viseme")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--avatar", type=Path, default=Path("data/avatars/default"))
    parser.add_argument("--cache", type=Path, required=True, help="folder for the avatar's decoded pictures")
    parser.add_argument("--url", help="of a server with this engine and avatar, to measure its path")
    args = parser.parse_args()
    engine = make_engine(args.engine)
    engine.load(args.models, "cpu")
    bundle = open_bundle(args.avatar, args.cache)
    results: dict[str, Offsets | None] = {}
    for name, clip in (("bursts", burst_clip(_CLIP_S)), ("speech", speech_clip())):
        own = engine_talk(engine, bundle, clip)
        results[f"{name}: engine"] = summarise(own)
        if args.url:
            results[f"{name}: path"] = asyncio.run(_path(args.url, clip, own))
    for name, result in results.items():
        tell(name, result)
    emit(results, args.url or f"engine {args.engine}")
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
