"""Speak: text becomes sound by the voice, a clip by decoding, the rest is sound; 20 ms chunks leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from livetalk.audio.chunker import Chunker
from livetalk.audio.clip import decode_clip
from livetalk.audio.resample import StreamResampler
from livetalk.pipeline.captions import Cue
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.live import Stretch
from livetalk.pipeline.pacing import TELLS_WITHIN_S, Pacing
from livetalk.pipeline.reply import Reply
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import REPLY_RATE, TTS, WordTime
from livetalk.types import (
    CHUNK_SAMPLES,
    SAMPLE_RATE,
    SILENCE,
    AudioChunk,
    Clip,
    Int16Array,
    Mark,
    Position,
    Sentence,
    SpeechEnd,
    SpeechStart,
    Tag,
    Word,
)

Speech: TypeAlias = Sentence | Clip | Stretch | Reply


class Speak(Stage[Speech, AudioChunk]):
    """Asks the voice for each sentence in turn."""

    def __init__(
        self,
        msgqueue: Channel[Speech],
        outbox: Sink[AudioChunk],
        epoch: Epoch,
        watcher: Watcher,
        tts: TTS,
        clip_limit_s: float,
    ) -> None:
        super().__init__("speak", msgqueue, outbox, epoch, watcher)
        self._tts = tts
        self._clip_limit_s = clip_limit_s
        self._cutter: _Cutter | None = None
        self._pacing = Pacing()

    def process(self, item: Speech) -> Iterator[AudioChunk]:
        """Speak or play it, marking where it starts, where words begin, and where it ends."""
        if isinstance(item, Clip):
            self._cutter = cutter = _Cutter(item.tag, SpeechStart("", fields=item.fields, action=item.action))
            yield from cutter.cut(decode_clip(item.content, self._clip_limit_s))
            yield from cutter.end(SpeechEnd("", fields=item.fields))
        elif isinstance(item, Stretch):
            self._cutter = cutter = _Cutter(item.tag, SpeechStart("", fields=item.fields, live=True))
            yield from cutter.cut(item.pieces())
            yield from cutter.end(SpeechEnd("", fields=item.fields))
        elif isinstance(item, Reply):
            self._cutter = cutter = _Cutter(item.tag, SpeechStart("", fields=item.fields), counted=True)
            yield from cutter.cut(self._reply(item, cutter.mark))
            yield from cutter.end(item.ending())
        elif not item.text:
            yield AudioChunk(SILENCE, item.tag, (SpeechEnd("", True, item.fields),), last=True)
        else:
            self._cutter = cutter = _Cutter(item.tag, SpeechStart(item.text, item.first, item.fields))
            yield from cutter.cut(self._voice(item, cutter.mark))
            yield from cutter.end(SpeechEnd(item.text, item.last, item.fields))

    def recover(self, item: Speech) -> Iterator[AudioChunk]:
        """What was left of the sound, so that the sentence ends for those who wait for it."""
        last = item.last if isinstance(item, Sentence) else True
        text = item.text if isinstance(item, Sentence) else ""
        end = item.ending() if isinstance(item, Reply) else SpeechEnd(text, last, item.fields)
        if self._cutter is not None:
            yield from self._cutter.cut_short(replace(end, broken=True))

    def _voice(self, sentence: Sentence, mark: Callable[[int, Mark], None]) -> Iterator[Int16Array]:
        resampler: StreamResampler | None = None
        told, spoken_s = False, 0.0
        guesses = self._pacing.words(sentence.text)
        with self.epoch.cancellation(sentence.tag) as cancel:
            for part in self._tts.speak(sentence, cancel):
                if isinstance(part, WordTime):
                    told = True
                    mark(round(part.at_s * SAMPLE_RATE), Word(part.text, part.offset))
                    continue
                if resampler is None or resampler.rate_in != part.rate:
                    if resampler is not None:
                        yield resampler.flush()
                    resampler = StreamResampler(part.rate, SAMPLE_RATE)
                spoken_s += len(part.samples) / part.rate
                if not told and spoken_s > TELLS_WITHIN_S:
                    for at_s, word in guesses:
                        mark(round(at_s * SAMPLE_RATE), word)
                yield resampler.push(part.samples)
            if resampler is not None:
                yield resampler.flush()
            if not told and not cancel():
                self._pacing.learn(sentence.text, spoken_s)

    def _reply(self, reply: Reply, mark: Callable[[int, Mark], None]) -> Iterator[Int16Array]:
        resampler = StreamResampler(REPLY_RATE, SAMPLE_RATE)
        with self.epoch.cancellation(reply.tag) as cancel:
            cancel.watch(reply.cut)
            for part in reply.parts():
                if isinstance(part, Cue):
                    mark(part.at_sample * SAMPLE_RATE // REPLY_RATE, part.mark)
                else:
                    yield resampler.push(part)
        yield resampler.flush()


class _Cutter:
    """Cuts one sentence's sound into chunks and hangs the marks on those they fall into."""

    def __init__(self, tag: Tag, start: SpeechStart, *, counted: bool = False) -> None:
        """Make one; `counted` marks with each chunk how far it is."""
        self._tag = tag
        self._counted = counted
        self._marks: list[tuple[int, Mark]] = [(0, start)]
        self._chunker = Chunker()
        self._count = 0

    def mark(self, at_sample: int, mark: Mark) -> None:
        self._marks.append((at_sample, mark))

    def cut(self, pieces: Iterator[Int16Array]) -> Iterator[AudioChunk]:
        for piece in pieces:
            for pcm in self._chunker.push(piece):
                yield self._chunk(pcm)

    def end(self, end: SpeechEnd) -> Iterator[AudioChunk]:
        tail = [*self._chunker.flush()] or [SILENCE]
        for pcm in tail[:-1]:
            yield self._chunk(pcm)
        yield self._chunk(tail[-1], end)

    def cut_short(self, end: SpeechEnd) -> Iterator[AudioChunk]:
        """End, without the words whose sound never came."""
        came = self._count * CHUNK_SAMPLES
        self._marks = [entry for entry in self._marks if entry[0] < came or not isinstance(entry[1], Word)]
        yield from self.end(end)

    def _chunk(self, pcm: Int16Array, end: SpeechEnd | None = None) -> AudioChunk:
        self._count += 1
        limit = self._count * CHUNK_SAMPLES
        due = tuple(mark for at, mark in self._marks if at < limit or end is not None)
        if self._counted:
            due = (Position(limit), *due)
        self._marks = [] if end is not None else [entry for entry in self._marks if entry[0] >= limit]
        return AudioChunk(pcm, self._tag, due if end is None else (*due, end), last=end is not None)
