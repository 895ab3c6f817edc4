"""One rendering: the pictures of a recording, made one way or both, and handed to who writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass

from livetalk.metrics import Metrics
from livetalk.pipeline.backdrop import Backdrop
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.painting import matte_of
from livetalk.protocols import Engine, EngineAvatar
from livetalk.render.compare import Comparison
from livetalk.render.recording import Recording
from livetalk.render.stills import Write
from livetalk.render.streamed import streamed_pictures
from livetalk.render.whole import whole_pictures
from livetalk.types import Shown


@dataclass(frozen=True, slots=True)
class Way:
    """How to make the pictures."""

    stream: bool
    """by the live pipeline's stages, instead of hearing the whole recording first"""
    compare: bool
    """both ways, and say how far they differ"""
    lookahead_ms: int
    """sound after a picture's own that the stream waits for"""


def render(
    engine: Engine,
    avatar: EngineAvatar,
    recording: Recording,
    way: Way,
    writes: Sequence[Write],
    step: Callable[[], None],
    backdrop: Backdrop | None = None,
) -> Comparison | None:
    """Make every picture, hand it to all of `writes`, and tell `step`.

    Without a `backdrop` an avatar that was cut out is laid on nothing: `writes` are told how opaque it is.

    Raises:
        LivetalkError: the engine failed, or a picture cannot be written.
    """
    comparison = Comparison() if way.compare else None
    with ExitStack() as running:
        pictures = others = whole_pictures(engine, avatar, recording, engine.infer)
        if way.stream or way.compare:
            batcher = Batcher(engine, Metrics(), clock=_standing)
            batcher.start()
            running.callback(batcher.stop)
            streamed = streamed_pictures(engine, avatar, recording, batcher, way.lookahead_ms)
            running.enter_context(closing(streamed))
            # an engine infers in one thread only, which is the batcher's now
            whole = whole_pictures(engine, avatar, recording, lambda jobs: batcher.infer(jobs, 0.0))
            pictures, others = (streamed, whole) if way.stream else (whole, streamed)
        for pose, picture in enumerate(pictures):
            shown = Shown(avatar.bundle.fold(pose))
            for write in writes:
                if backdrop is None:
                    write(picture, matte_of(shown, avatar))
                else:
                    write(backdrop.lay(picture, shown, avatar))
            if comparison is not None:
                comparison.add(picture, next(others), avatar.bundle.picture(pose))
            step()
    return comparison


def _standing() -> float:
    """A clock by which no engine is slow: live, pictures share the mouths of one that is."""
    return 0.0


__all__ = ["Way", "render"]
