"""Pictures of a recording by the live pipeline's own stages: what a viewer would have seen.

The sound comes in 20 ms chunks, and the engine hears no further ahead than it is let. Nothing waits for a
clock: the stages run as fast as they can.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, nullcontext

from livetalk.errors import EngineError, LivetalkError
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.channel import Channel, Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.features import Features
from livetalk.pipeline.lipsync import LipSync
from livetalk.pipeline.paste import Paste
from livetalk.pipeline.redraw import Redraw
from livetalk.protocols import Engine, EngineAvatar
from livetalk.render.recording import Recording
from livetalk.types import (
    CHUNK_SAMPLES,
    AudioChunk,
    FeatureChunk,
    LipFrame,
    MediaFrame,
    Picture,
    Tag,
)
from livetalk.worker import Worker

QUEUED = 16
"""values that may wait between two stages"""


class _Clip:
    """What the stages know of Playout: the clip's first picture has pose 0, and no idle face before it."""

    def __init__(self, avatar: EngineAvatar, finished: Channel[MediaFrame]) -> None:
        self.avatar = avatar
        self._finished = finished
        self.error: LivetalkError | None = None

    def anchor(self, tag: Tag, following: int | None) -> tuple[int, bool]:
        """Pose 0; the mouth is not eased into it."""
        return 0, False

    def play(self, action: str, *, at: int) -> None:
        """None is played."""

    def act(self, pose: int) -> None:
        """There are no actions in a clip."""

    def lead_s(self) -> float:
        """Nobody waits for it."""
        return 0.0

    def reached(self, stage: str, tag: Tag) -> None:
        """It is not measured."""

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """Keep the first error, and end."""
        told = error if isinstance(error, LivetalkError) else EngineError(f"stage {stage} failed: {error}")
        self.error = self.error or told
        self._finished.close()


def streamed_pictures(
    engine: Engine, avatar: EngineAvatar, recording: Recording, batcher: Batcher, lookahead_ms: int
) -> Generator[Picture, None, None]:
    """Make as many pictures as the recording has, I420.

    Close the iterator when it is not read to its end: threads work for it.

    Raises:
        LivetalkError: a stage failed.
    """
    epoch = Epoch()
    tag = epoch.next_tag()
    audio: Channel[AudioChunk] = Channel("audio", QUEUED)
    features: Channel[FeatureChunk] = Channel("features", QUEUED)
    res_frame_queue: Channel[LipFrame] = Channel("res_frame_queue", QUEUED)
    finished: Channel[MediaFrame] = Channel("finished", QUEUED)
    clip = _Clip(avatar, finished)
    stages = (
        Features(audio, features, epoch, clip, nullcontext, engine.features(lookahead_ms)),
        LipSync(features, res_frame_queue, epoch, clip, engine, batcher, clip),
        Paste(res_frame_queue, finished, epoch, clip, nullcontext, engine, Redraw(engine, batcher, clip)),
    )
    source = Worker("recording", lambda: _feed(recording, tag, audio))
    with ExitStack() as ended:
        for stage in stages:
            ended.callback(stage.stop)
        ended.callback(source.wait)
        for channel in (audio, features, res_frame_queue, finished):
            ended.callback(channel.close)
        ended.callback(epoch.advance)
        for worker in (source, *stages):
            worker.start()
        for _ in range(recording.pictures):
            try:
                frame = finished.get()
            except Closed:
                assert clip.error is not None, "only a failure closes it"
                raise clip.error from None
            yield frame.picture


def _feed(recording: Recording, tag: Tag, audio: Channel[AudioChunk]) -> None:
    chunks = recording.pcm.reshape(-1, CHUNK_SAMPLES)
    try:
        for number, pcm in enumerate(chunks, 1):
            audio.put(AudioChunk(pcm, tag, last=number == len(chunks)))
    except Closed:
        return


__all__ = ["streamed_pictures"]
