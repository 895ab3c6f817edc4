"""Which picture of the body goes with which sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.goldens.reading import Finding, Goldens, near
from livetalk.avatar.bundle import mirrored
from livetalk.render.plan import plan

LIVETALKING_BATCH, LIVETALKING_FRAMES = 4, 5
"""of the run that its schedule was taken from"""
SPEECH = 0
"""LiveTalking's type of a chunk that is not silence"""


def check_mirror(goldens: Goldens, name: str) -> list[Finding]:
    """Places on a walk forth and back."""
    arrays = goldens.read(name)
    places = range(arrays["index"].shape[1])
    made = [[mirrored(int(size), place) for place in places] for size in arrays["sizes"]]
    return [near("entries", made, arrays["index"], 0)]


def check_batches(goldens: Goldens, name: str) -> list[Finding]:
    """A whole recording's poses, batch by batch."""
    rows = goldens.read(name)["rows"]
    made = []
    for latents, pictures, batch, delay in dict.fromkeys(tuple(int(n) for n in row[:4]) for row in rows):
        for number, poses in enumerate(plan(pictures, batch, delay)):
            case = (latents, pictures, batch, delay, number)
            made += [(*case, pose - delay, pose % latents) for pose in poses]
    return [near("places", np.array(made), rows, 0)]


def check_schedule(goldens: Goldens, name: str) -> list[Finding]:
    """LiveTalking's own order of pictures, which is not ours, but walks the body by the same rule."""
    arrays = goldens.read(name)
    return [
        near(key, _livetalking(arrays["types"], starts_anew), arrays[key], 0)
        for key, starts_anew in (("no_custom", False), ("with_custom", True))
    ]


def _livetalking(types: npt.NDArray[np.int64], starts_anew: bool) -> npt.NDArray[np.int64]:
    """A row for each picture: place on the walk if it is inferred, number, two chunks, their types, frame."""
    rows: list[tuple[int, ...]] = []
    place, silent = 0, True
    for batch in types.reshape(-1, LIVETALKING_BATCH, 2):
        speaks = bool((batch == SPEECH).any())
        if speaks and silent and starts_anew:
            place = 0
        silent = not speaks
        for first, second in batch:
            number = len(rows)
            inferred = (place, number) if speaks else (-1, -1)
            frame = mirrored(LIVETALKING_FRAMES, place)
            rows.append((*inferred, 2 * number, 2 * number + 1, int(first), int(second), frame))
            place += 1
    return np.array(rows)
