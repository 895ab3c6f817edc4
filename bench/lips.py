"""The lip engine's own share of the offset: `python -m bench.lips`, no server, no codec, no clock.

A lip network may open the mouth a little before or after the sound grows. What the sync scenarios
measure less what this measures on the same clip is the serving path's doing.
"""

from __future__ import annotations

import argparse
import io
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.decode import Array, block_means
from bench.errors import BenchError
from bench.mouth import find_mouth
from bench.packets import AUDIO_RATE
from bench.report import emit, tell
from bench.scenarios.sync import Offsets, burst_clip, speech_clip, summarise
from bench.sound import LOUD
from bench.sync import FRAME_S, Signal, loudness
from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.protocols import Engine, LipJob
from livetalk.registry import make_engine
from livetalk.types import SAMPLE_RATE, Int16Array

_REST_S = 3.0
_CLIP_S = 20.0


def engine_offsets(engine: Engine, bundle: AvatarBundle, clip: bytes) -> Offsets | None:
    """Picture minus sound of an engine's pictures of one clip, the body held still.

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
    return summarise(Signal(times_s, mouth.openness), heard)


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


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.lips", description=__doc__)
    parser.add_argument("--engine", default="viseme")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--avatar", type=Path, default=Path("data/avatars/default"))
    parser.add_argument("--cache", type=Path, required=True, help="folder for the avatar's decoded pictures")
    args = parser.parse_args()
    engine = make_engine(args.engine)
    engine.load(args.models, "cpu")
    bundle = open_bundle(args.avatar, args.cache)
    results = {
        name: engine_offsets(engine, bundle, clip)
        for name, clip in (("bursts", burst_clip(_CLIP_S)), ("speech", speech_clip()))
    }
    for name, result in results.items():
        tell(name, result)
    emit(results, f"engine {args.engine}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
