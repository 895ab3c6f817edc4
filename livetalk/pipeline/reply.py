"""A reply on its way to Speak: the sound of a speech-to-speech model, and what is said in it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from livetalk.errors import ProviderError
from livetalk.pipeline.captions import Captions, Cue
from livetalk.protocols import REPLY_RATE
from livetalk.text import SpokenText
from livetalk.types import EventFields, Int16Array, SpeechEnd, Tag

WAITING_S = 1800
"""of sound that may wait, 86 MB; then whoever makes it waits. Longer than answers are (OpenAI: 32 000 tokens
of 50 ms): whatever else is on its way from there, as that somebody speaks, would wait behind, and a provider
that is not listened to takes us for dead"""
PIECE_SAMPLES = REPLY_RATE // 50
"""of what Speak gets at a time"""


class Reply:
    """An utterance that is made elsewhere. One thread puts sound and text in, another takes it."""

    def __init__(
        self,
        tag: Tag,
        fields: EventFields,
        patience_s: float,
        wrote: Callable[[Tag, str, str, bool], object],
        begin: Callable[[Reply], object] | None = None,
    ) -> None:
        """Make one; `begin` asks for it when it is wanted, `wrote` is told of its text as a `Scribe` is."""
        self.tag = tag
        self.fields = fields
        self._patience_s = patience_s
        self._wrote = wrote
        self._begin = begin
        self._pieces: deque[Int16Array] = deque()
        self._received = self._taken = 0
        """samples"""
        self._captions = Captions(REPLY_RATE, fields)
        self._text = SpokenText(early=False)
        self._raw = ""
        """what was written since the last sentence"""
        self._written_at = 0
        """samples that were there when that began"""
        self._ended = self._cut = False
        self._error: ProviderError | None = None
        self._changed = threading.Condition()

    # -- whoever makes it -------------------------------------------------------------------------

    def put(self, pcm: Int16Array) -> bool:
        """Take (n,) samples at REPLY_RATE, waiting for room; False where nobody wants them any more."""
        for at in range(0, len(pcm), PIECE_SAMPLES):
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._has_room())
                if self._ended:
                    return False
                piece = np.asarray(pcm[at : at + PIECE_SAMPLES])
                self._pieces.append(piece)
                self._received += len(piece)
                self._changed.notify_all()
        return not self._ended

    def write(self, text: str) -> None:
        """Take what is said, as far as it was written; sentences leave once they are whole."""
        with self._changed:
            if self._ended:
                return
            if not self._raw:
                self._written_at = self._received
            self._raw += text
            sentences = self._text.feed(text)
        self._hand_on(sentences, last=False)

    def end(self, error: ProviderError | None = None) -> None:
        """No more comes; `error` says why, where it is not whole."""
        with self._changed:
            if self._ended:
                return
            sentences = self._text.flush()
            written = bool(self._raw or self._received)
        if written:
            self._hand_on(sentences or [""], last=True)
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
                self._changed.notify_all()

    def cut(self) -> None:
        """End here; what waits is lost."""
        with self._changed:
            self._pieces.clear()
            self._ended = self._cut = True
            self._changed.notify_all()

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it."""
        return not self._cut

    # -- whoever speaks it ------------------------------------------------------------------------

    def parts(self) -> Iterator[Int16Array | Cue]:
        """The sound as it comes, and before each piece what is to be marked in it.

        Raises:
            ProviderError: the rest of it does not come.
        """
        try:
            if self._begin is not None:
                self._begin(self)
            while (piece := self._next()) is not None:
                with self._changed:
                    known = self._received if self._ended else None
                    cues = [*self._captions.due(self._taken + len(piece), known)]
                self._taken += len(piece)
                yield from cues
                yield piece
            yield from self._rest()
        finally:
            self.cut()

    def ending(self) -> SpeechEnd:
        """What its last sound is marked with."""
        return SpeechEnd(self._captions.sentence, last=True, fields=self.fields)

    def _next(self) -> Int16Array | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._pieces or self._ended, self._patience_s):
                raise ProviderError(self._late(), retryable=True)
            piece = self._pieces.popleft() if self._pieces else None
            self._changed.notify_all()
            return piece

    def _rest(self) -> Iterator[Cue]:
        if self._error is not None:
            yield from self._captions.due(self._taken, None)
            raise self._error
        if not self._cut:
            yield from self._captions.rest(max(0, self._taken - 1))

    def _late(self) -> str:
        if self._received:
            return f"the speech model fell silent for {self._patience_s:g} s (realtime_timeout_s)"
        return f"the speech model did not answer within {self._patience_s:g} s (realtime_timeout_s)"

    def _has_room(self) -> bool:
        return self._received - self._taken < WAITING_S * REPLY_RATE

    def _hand_on(self, sentences: list[str], *, last: bool) -> None:
        for place, sentence in enumerate(sentences):
            with self._changed:
                raw, self._raw = self._raw, ""
                if sentence:
                    self._captions.write(sentence, self._written_at)
                self._written_at = self._received
            self._wrote(self.tag, raw, sentence, last and place == len(sentences) - 1)


__all__ = ["PIECE_SAMPLES", "WAITING_S", "Reply"]
