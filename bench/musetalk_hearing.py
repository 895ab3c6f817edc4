"""How far live hearing is from a whole recording's: `python -m bench.musetalk_hearing CLIP --models DIR`.

For each way of encoding: the root mean square of the difference to the whole recording's tokens, as a share
of their spread, and the processor time of a picture.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bench.report import emit, plainly, tell
from livetalk.audio.clip import decode_clip
from livetalk.engines.musetalk.hearing import Hearing, Trim
from livetalk.engines.musetalk.listening import listen
from livetalk.engines.musetalk.networks import load_whisper
from livetalk.engines.musetalk.whisper import WhisperEncoder
from livetalk.types import FRAME_SAMPLES, Int16Array

WAYS: dict[str, Trim | None] = {
    "exact": None,
    "trimmed, 1 s before": Trim(50),
    "trimmed, 2 s before": Trim(100),
    "trimmed, 4 s before": Trim(200),
    "trimmed, 10 s before": Trim(500),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one way."""

    error: float
    """root mean square, as a share of the tokens' own standard deviation"""
    picture_ms: float
    """processor time of each picture"""


def compare(encoder: WhisperEncoder, pcm: Int16Array, trim: Trim | None, whole: torch.Tensor) -> Difference:
    """Hear a recording live, and set it beside the whole."""
    hearing = Hearing(encoder, torch.device("cpu"), trim)
    began_s = time.process_time()
    heard = torch.stack([*hearing.push(pcm), *hearing.flush()])
    spent_s = time.process_time() - began_s
    error = (heard - whole).square().mean().sqrt() / whole.std()
    return Difference(round(float(error), 3), round(spent_s / len(heard) * 1000, 1))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.musetalk_hearing", description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    encoder = load_whisper(asked.models)
    pcm = np.concatenate([*decode_clip(asked.clip.read_bytes(), asked.seconds)])
    pcm = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES]
    with torch.inference_mode():
        whole = torch.stack(listen(torch.from_numpy(pcm.astype(np.float32) / 32768), encoder))
    results = {name: compare(encoder, pcm, trim, whole) for name, trim in WAYS.items()}
    for name, result in results.items():
        tell(name, result)
    emit(results, str(asked.clip))
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
