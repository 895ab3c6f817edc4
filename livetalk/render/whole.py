"""Pictures of a whole recording: the engine hears all of it first, then infers in full batches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import TypeAlias

from livetalk.errors import EngineError
from livetalk.protocols import Engine, EngineAvatar, LipJob
from livetalk.render.plan import plan
from livetalk.render.recording import Recording
from livetalk.types import Mouth, Picture

Infer: TypeAlias = Callable[[Sequence[LipJob]], list[Mouth]]
"""one batch"""


def whole_pictures(
    engine: Engine, avatar: EngineAvatar, recording: Recording, infer: Infer
) -> Generator[Picture, None, None]:
    """Make as many pictures as the recording has, I420.

    No mouth is eased: nothing comes before the first picture from which it could jump.

    Raises:
        EngineError: the engine did not hear all of the recording.
    """
    windows = engine.listen(recording.pcm)
    for poses in plan(recording.pictures, engine.spec.best_batch):
        jobs = [
            LipJob(window, pose, avatar)
            for window, pose in zip(islice(windows, len(poses)), poses, strict=False)
        ]
        if len(jobs) < len(poses):
            raise EngineError(f"engine {engine.spec.name!r} heard less than {recording.pictures} pictures")
        for job, mouth in zip(jobs, infer(jobs), strict=True):
            yield engine.paste(mouth, job.shown.frame, avatar)


__all__ = ["Infer", "whole_pictures"]
