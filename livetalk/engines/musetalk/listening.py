"""What MuseTalk hears of a whole recording: fifty tokens for each picture.

A picture's chunk is ten steps of 20 ms by five encoder states, time major: at 25 pictures a second picture i
hears steps [2i - 4, 2i + 6), from 80 ms before it begins to 120 ms after, as in training.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch.nn import functional

from livetalk.engines.musetalk.mel import SEGMENT_FRAMES, SEGMENT_SAMPLES, level, log_mel, padded

STEPS_PER_SECOND = 50
STEP_SAMPLES = 320
CONTEXT = (2, 2)
"""pictures that a chunk hears before and after its own, as MuseTalk counts them"""

Encode = Callable[[torch.Tensor], torch.Tensor]
"""(n, BANDS, frames) to (n, frames // 2, 5, width)"""


def listen(
    sound: torch.Tensor, encode: Encode, fps: float = 25, context: tuple[int, int] = CONTEXT
) -> list[torch.Tensor]:
    """(samples,) at 16 kHz to (50, width) for each picture: what MuseTalk 1.5 was trained on.

    Each 30 s are encoded on their own, silence filling up the last, and levelled by their own loudest; steps
    before and after the recording are zeros. The chunks are views of the same steps.
    """
    parts = torch.split(sound, SEGMENT_SAMPLES)
    segments = [encode(level(log_mel(padded(part[None]))))[0] for part in parts]
    steps = torch.cat(segments)[: len(sound) * STEPS_PER_SECOND // 16_000]
    left, right = context
    per_picture = STEPS_PER_SECOND / int(fps)
    margin = math.ceil(per_picture)
    steps = functional.pad(steps, (0, 0, 0, 0, margin * left, margin * 3 * right))
    count = math.floor(len(sound) / 16_000 * int(fps))
    length = 2 * (left + right + 1)
    starts = [math.floor(place * per_picture) for place in range(count)]
    return [steps[start : start + length].flatten(0, 1) for start in starts]


def listen_as_v10(sound: torch.Tensor, encode: Encode, context: tuple[int, int] = CONTEXT) -> torch.Tensor:
    """The same by the rules that MuseTalk 1.0 was published with.

    One loudest for the whole recording; blocks of 3000 frames, the last filled up with zeros after levelling;
    steps beyond the ends repeat the nearest; `encode` must give the last state without its norm.
    """
    mel = level(log_mel(sound))
    steps = torch.cat([_block(encode, block) for block in torch.split(mel, SEGMENT_FRAMES, -1)])
    left, right = context
    count = len(steps) // 2 + 2
    starts = 2 * torch.arange(count) - 2 * left
    places = starts[:, None] + torch.arange(2 * (left + right + 1))
    return steps[places.clamp(0, len(steps) - 1)].flatten(1, 2)


def _block(encode: Encode, mel: torch.Tensor) -> torch.Tensor:
    frames = mel.shape[-1]
    return encode(functional.pad(mel, (0, SEGMENT_FRAMES - frames))[None])[0][: frames // 2]


__all__ = ["CONTEXT", "STEPS_PER_SECOND", "STEP_SAMPLES", "Encode", "listen", "listen_as_v10"]
