"""Face: what is seen: speech, a held picture of it, a closing mouth, the body at rest; on its background."""

from __future__ import annotations

from livetalk.pipeline.backdrop import Backdrop
from livetalk.pipeline.painting import at_rest, painted
from livetalk.protocols import Engine, EngineAvatar
from livetalk.types import MediaFrame, Picture, Shown

CLOSING_FRAMES = 3
"""a mouth that speech left open closes over 120 ms"""
HOLD_FRAMES = 4
"""how long a mouth is held when speech is late, before it closes to wait"""


class Face:
    """Of the avatar that is shown; asked and told under its owner's lock."""

    def __init__(self, engine: Engine, avatar: EngineAvatar, backdrop: Backdrop) -> None:
        self._engine = engine
        self._backdrop = backdrop
        self._shown = avatar
        self._last: MediaFrame | None = None
        """the picture of speech that was seen last, if it is the shown avatar's"""
        self._closed = CLOSING_FRAMES
        """ticks since then without speech, as far as they close the mouth"""
        self._missed = 0

    @property
    def at_rest(self) -> bool:
        """Whether the mouth is closed."""
        return self._closed >= CLOSING_FRAMES

    @property
    def avatar(self) -> EngineAvatar:
        """The one that is shown."""
        return self._shown

    def show(self, avatar: EngineAvatar) -> None:
        """Show an avatar; nothing is kept of the one before, which may take much memory."""
        self._shown = avatar
        if self._last is not None and self._last.job.avatar is not avatar:
            self._last = None

    def speak(self, frame: MediaFrame) -> Picture:
        """A picture of speech."""
        self._last = frame
        self._closed = self._missed = 0
        return self._laid(frame)

    def late(self, held: MediaFrame, shown: Shown) -> Picture:
        """What is seen where the picture after this one lacks: the same again, and then a closing mouth."""
        self._missed += 1
        fits = held.job.avatar is self._shown and self._missed <= HOLD_FRAMES
        return self._laid(held) if fits else self.silent(shown)

    def silent(self, shown: Shown) -> Picture:
        """The body, with a mouth that closes if it was open."""
        last = self._last
        if self.at_rest or last is None or last.job.avatar is not self._shown:
            return self._backdrop.lay(at_rest(shown, self._shown), shown, self._shown)
        self._closed += 1
        share = 1 - self._closed / (CLOSING_FRAMES + 1)
        closing = self._engine.ease(last.mouth, share)
        return self._backdrop.lay(painted(self._engine, closing, shown, self._shown), shown, self._shown)

    def _laid(self, frame: MediaFrame) -> Picture:
        return self._backdrop.lay(frame.picture, frame.job.shown, frame.job.avatar)


__all__ = ["CLOSING_FRAMES", "HOLD_FRAMES", "Face"]
