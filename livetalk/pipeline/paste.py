"""Paste: a mouth goes into the avatar's picture; only its region is touched."""

from __future__ import annotations

from collections.abc import Iterator

from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.slots import Slot
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import Engine, EngineAvatar
from livetalk.types import LipFrame, MediaFrame


class Paste(Stage[LipFrame, MediaFrame]):
    """The last stage: what leaves it is ready to play."""

    def __init__(
        self,
        res_frame_queue: Channel[LipFrame],
        playout: Sink[MediaFrame],
        epoch: Epoch,
        watcher: Watcher,
        slot: Slot,
        engine: Engine,
        avatar: EngineAvatar,
    ) -> None:
        super().__init__("paste", res_frame_queue, playout, epoch, watcher, slot)
        self._engine = engine
        self._avatar = avatar

    def process(self, item: LipFrame) -> Iterator[MediaFrame]:
        """Paste one mouth."""
        picture = self._engine.paste(item.mouth, item.pose, self._avatar)
        yield MediaFrame(picture, item.chunks, item.pose, item.mouth, item.tag, item.last)
