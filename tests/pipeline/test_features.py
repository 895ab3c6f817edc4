from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.engines.viseme.features import VisemeFeatures
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.features import Features
from livetalk.protocols import FeatureStream
from livetalk.types import (
    CHUNK_SAMPLES,
    SILENCE,
    AudioChunk,
    FeatureChunk,
    Int16Array,
    SpeechEnd,
    SpeechStart,
    Tag,
    Window,
)
from tests.fakes import WAIT_S, Basket, LevelStream, Notes, background, chunk, stops_at_a_wall

STREAMS: list[Callable[[], FeatureStream]] = [LevelStream, VisemeFeatures]


class Ear:
    """A Features stage whose work is done by hand."""

    def __init__(self, stream: FeatureStream | None = None) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.inbox: Channel[AudioChunk] = Channel("audio", 200)
        self.basket: Basket[FeatureChunk] = Basket()
        self.features = Features(
            self.inbox, self.basket, self.epoch, self.notes, nullcontext, stream or LevelStream()
        )

    def take(self, chunks: list[AudioChunk]) -> list[FeatureChunk]:
        return [picture for each in chunks for picture in self.features.process(each)]


class BrittleStream(LevelStream):
    """Breaks on a sound of level 666."""

    def push(self, pcm: Int16Array) -> Iterator[Window]:
        if pcm[0] == 666:
            raise RuntimeError("no window of this")
        return super().push(pcm)


def sentence(tag: Tag, count: int, level: int = 1) -> list[AudioChunk]:
    """Chunks that can be told apart by their level; the ends are marked."""
    return [
        chunk(
            level + place,
            tag,
            *((SpeechStart("s"),) if place == 0 else ()),
            *((SpeechEnd("s"),) if place == count - 1 else ()),
            last=place == count - 1,
        )
        for place in range(count)
    ]


def sounds(pictures: list[FeatureChunk]) -> list[AudioChunk]:
    return [each for picture in pictures for each in picture.chunks]


@pytest.mark.parametrize("stream", STREAMS)
@given(counts=st.lists(st.integers(1, 40), min_size=1, max_size=4), same_tag=st.booleans())
@settings(deadline=None, max_examples=40)
def test_every_chunk_comes_out_exactly_once_in_order_and_odd_counts_are_padded(
    stream: Callable[[], FeatureStream], counts: list[int], same_tag: bool
) -> None:
    ear = Ear(stream())
    tag = ear.epoch.next_tag()
    for count in counts:
        tag = tag if same_tag else ear.epoch.next_tag()
        chunks = sentence(tag, count)
        pictures = ear.take(chunks)
        out = sounds(pictures)
        assert all(one is other for one, other in zip(chunks, out[:count], strict=True))
        assert len(out) == count + count % 2
        assert all(pad.pcm is SILENCE and not pad.marks for pad in out[count:])
        assert [picture.first for picture in pictures] == [True] + [False] * (len(pictures) - 1)
        assert [picture.last for picture in pictures] == [False] * (len(pictures) - 1) + [True]
        assert {picture.tag for picture in pictures} == {tag}


@pytest.mark.parametrize("stream", STREAMS)
@given(count=st.integers(1, 60))
@settings(deadline=None, max_examples=30)
def test_windows_are_those_of_the_whole_sentence(stream: Callable[[], FeatureStream], count: int) -> None:
    chunks = sentence(Tag(0, 1), count, level=100)
    padded = np.concatenate([each.pcm for each in chunks] + [SILENCE] * (count % 2))
    alone = stream()
    whole = [*alone.push(padded), *alone.flush()]
    pictures = Ear(stream()).take(chunks)
    assert [picture.window.tobytes() for picture in pictures] == [window.tobytes() for window in whole]


def test_a_picture_leaves_as_soon_as_its_context_is_there() -> None:
    ear = Ear()
    counts = [len(list(ear.features.process(each))) for each in sentence(Tag(0, 1), 7)]
    assert counts == [0, 0, 0, 1, 0, 1, 2]


def test_a_window_belongs_to_its_own_sound() -> None:
    for picture in Ear().take(sentence(Tag(0, 1), 9)):
        assert picture.window[0] == np.concatenate([each.pcm for each in picture.chunks]).mean()


def test_a_new_utterance_knows_nothing_of_one_that_was_cut_short() -> None:
    ear = Ear()
    ear.take(sentence(ear.epoch.next_tag(), 20)[:7])
    ear.epoch.advance()
    chunks = sentence(ear.epoch.next_tag(), 4, level=50)
    pictures = ear.take(chunks)
    assert all(one is other for one, other in zip(sounds(pictures), chunks, strict=True))
    assert pictures[0].first
    assert pictures[0].window[0] == 50.5


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("heard", [1, 6, 7])
def test_an_utterance_cut_short_leaves_no_chunk_and_no_count_behind(
    stream: Callable[[], FeatureStream], heard: int
) -> None:
    ear = Ear(stream())
    ear.take(sentence(ear.epoch.next_tag(), 20)[:heard])
    chunks = sentence(ear.epoch.next_tag(), 4)
    assert sounds(ear.take(chunks)) == chunks


def test_what_goes_stale_in_the_inbox_gives_no_picture() -> None:
    ear = Ear()
    for each in sentence(ear.epoch.next_tag(), 10):
        ear.inbox.put(each)
    ear.epoch.advance()
    new = ear.epoch.next_tag()
    for each in sentence(new, 4):
        ear.inbox.put(each)
    ear.features.start()
    assert {picture.tag for picture in ear.basket.wait(2)} == {new}
    ear.features.stop()


def test_a_stream_that_breaks_is_reported_and_the_next_utterance_is_whole() -> None:
    ear = Ear(BrittleStream())
    broken, after = ear.epoch.next_tag(), ear.epoch.next_tag()
    chunks = sentence(after, 5)
    for each in [chunk(1, broken), chunk(666, broken, last=True), *chunks]:
        ear.inbox.put(each)
    ear.features.start()
    pictures = ear.basket.wait(3)
    ear.features.stop()
    assert [(stage, tag) for stage, tag, _ in ear.notes.failures] == [("features", broken)]
    assert all(one is other for one, other in zip(chunks, sounds(pictures)[:5], strict=True))


def test_a_window_before_its_sound_is_a_failure_of_the_engine_not_a_wrong_pair() -> None:
    class Eager(LevelStream):
        def push(self, pcm: Int16Array) -> Iterator[Window]:
            return iter([np.zeros(1, np.float32)])

    with pytest.raises(AssertionError, match="before its sound"):
        Ear(Eager()).take(sentence(Tag(0, 1), 1))


def test_a_single_chunk_is_one_picture_that_is_first_and_last() -> None:
    (picture,) = Ear().take(sentence(Tag(0, 1), 1))
    assert picture.first
    assert picture.last
    assert picture.chunks[1].pcm.shape == (CHUNK_SAMPLES,)


def test_it_stops_while_it_has_no_room_and_while_it_has_no_work() -> None:
    ear = Ear()
    for each in sentence(ear.epoch.next_tag(), 4):
        ear.inbox.put(each)
    assert stops_at_a_wall(ear.features)
    idle = Ear()
    idle.features.start()
    background(idle.features.stop).result(WAIT_S)
