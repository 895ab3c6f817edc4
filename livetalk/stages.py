"""The stages of a session, from what is asked to the pictures that are ready to play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TypeAlias

from livetalk.parts import Parts
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.features import Features
from livetalk.pipeline.lipsync import LipSync
from livetalk.pipeline.paste import Paste
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.redraw import Redraw
from livetalk.pipeline.speak import Speak, Speech
from livetalk.pipeline.stage import Watcher
from livetalk.pipeline.think import Asked, Scribe, Think
from livetalk.types import AudioChunk, FeatureChunk, LipFrame

AnyStage: TypeAlias = Think | Speak | Features | LipSync | Paste

QUEUED = 512
"""questions, sentences and clips that may wait"""
QUEUED_SENTENCES = 64
"""a language model that writes faster waits"""
QUEUED_CHUNKS = 16
QUEUED_WINDOWS = 16
QUEUED_MOUTHS = 8
"""short queues: what stands in them is work done too early, and work lost at an interrupt"""


class Stages:
    """Think, Speak, Features, LipSync and Paste, each with its thread."""

    def __init__(
        self,
        parts: Parts,
        epoch: Epoch,
        watcher: Watcher,
        scribe: Scribe,
        playout: Playout,
        redraw: Redraw,
        slot: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._asked: Channel[Asked] = Channel("asked", QUEUED)
        msgqueue: Channel[Speech] = Channel("msgqueue", QUEUED_SENTENCES)
        audio: Channel[AudioChunk] = Channel("audio", QUEUED_CHUNKS)
        features: Channel[FeatureChunk] = Channel("features", QUEUED_WINDOWS)
        res_frame_queue: Channel[LipFrame] = Channel("res_frame_queue", QUEUED_MOUTHS)
        engine = parts.engine
        self._stages: tuple[AnyStage, ...] = (
            Think(self._asked, msgqueue, epoch, watcher, parts.llm, scribe),
            Speak(msgqueue, audio, epoch, watcher, parts.tts, parts.clip_limit_s),
            Features(audio, features, epoch, watcher, slot, engine.features()),
            LipSync(features, res_frame_queue, epoch, watcher, engine, parts.batcher, playout),
            Paste(res_frame_queue, playout, epoch, watcher, slot, engine, redraw),
        )

    def start(self) -> None:
        """Begin to work; where that fails, `stop` ends what was begun."""
        for stage in self._stages:
            stage.start()

    def offer(self, asked: Sequence[Asked]) -> bool:
        """Take all of it, in its order, if there is room.

        Raises:
            Closed: the session ends.
        """
        return self._asked.offer(asked)

    def close(self) -> None:
        """Take nothing more, and drop what waits between the stages."""
        for stage in self._stages:
            stage.inbox.close()

    def stop(self) -> None:
        """End the threads, whichever of them fails. More than once is fine.

        Raises:
            StageError: one of them did not end in time.
        """
        stages, self._stages = self._stages, ()
        with ExitStack() as ended:
            for stage in stages:
                ended.callback(stage.stop)

    @property
    def waiting(self) -> int:
        """How many questions, sentences and clips wait to be begun."""
        return len(self._asked)


__all__ = ["QUEUED", "Stages"]
