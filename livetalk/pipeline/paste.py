"""Paste: a mouth goes into the avatar's picture; only its region is touched."""

from __future__ import annotations

from collections.abc import Iterator

from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.painting import painted
from livetalk.pipeline.redraw import Redraw
from livetalk.pipeline.slots import Slot
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import Engine
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
        redraw: Redraw,
    ) -> None:
        super().__init__("paste", res_frame_queue, playout, epoch, watcher, slot)
        self._engine = engine
        self._redraw = redraw

    def process(self, item: LipFrame) -> Iterator[MediaFrame]:
        """Paste one mouth; one that was drawn for the avatar before is drawn again."""
        item = self._redraw.frame(item)
        picture = painted(self._engine, item.mouth, item.job.shown, item.job.avatar)
        yield MediaFrame(picture, item.chunks, item.mouth, item.job, item.tag, item.last)
