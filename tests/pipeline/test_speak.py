from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.errors import ProviderError, UnsupportedMedia
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.speak import Speak, Speech
from livetalk.protocols import Cancel, Pcm, WordTime
from livetalk.types import (
    CHUNK_SAMPLES,
    SAMPLE_RATE,
    AudioChunk,
    Clip,
    Int16Array,
    Mark,
    Sentence,
    SpeechEnd,
    SpeechStart,
    Word,
)
from tests.fakes import WAIT_S, Basket, FakeTTS, Notes, background, stops_at_a_wall

FIELDS = {"ticket": 7}


class ScriptTTS(FakeTTS):
    """Yields what it was given; raises what is an exception."""

    def __init__(self, *script: Pcm | WordTime | Exception) -> None:
        super().__init__()
        self.script = script
        self.cancels: list[Cancel] = []

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        self.cancels.append(cancel)
        for part in self.script:
            if isinstance(part, Exception):
                raise part
            yield part


class Booth:
    """A Speak stage whose work is done by hand."""

    def __init__(self, tts: FakeTTS, clip_limit_s: float = 10.0) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.msgqueue: Channel[Speech] = Channel("msgqueue", 20)
        self.basket: Basket[AudioChunk] = Basket()
        self.speak = Speak(self.msgqueue, self.basket, self.epoch, self.notes, tts, clip_limit_s)

    def sentence(self, text: str = "one two", first: bool = True, last: bool = True) -> Sentence:
        return Sentence(text, self.epoch.next_tag(), first=first, last=last, fields=FIELDS)

    def chunks(self, speech: Speech | None = None) -> list[AudioChunk]:
        return list(self.speak.process(speech or self.sentence()))


def noise(samples: int) -> Int16Array:
    """Sound without a zero in it, so that padding can be told from it."""
    return np.random.default_rng(samples).integers(1, 9000, samples).astype(np.int16)


def pieces(pcm: Int16Array, cuts: Sequence[int], rate: int = SAMPLE_RATE) -> list[Pcm]:
    return [Pcm(piece, rate) for piece in np.split(pcm, sorted(min(cut, len(pcm)) for cut in cuts))]


def sound(chunks: Sequence[AudioChunk]) -> Int16Array:
    return np.concatenate([chunk.pcm for chunk in chunks])


def wav(pcm: Int16Array, rate: int = SAMPLE_RATE) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return out.getvalue()


def marks(chunks: Sequence[AudioChunk]) -> list[Mark]:
    return [mark for chunk in chunks for mark in chunk.marks]


@given(samples=st.integers(0, 4000), cuts=st.lists(st.integers(0, 4000), max_size=12))
def test_sound_in_pieces_of_any_size_comes_out_whole(samples: int, cuts: list[int]) -> None:
    pcm = noise(samples)
    chunks = Booth(ScriptTTS(*pieces(pcm, cuts))).chunks()
    assert all(chunk.pcm.shape == (CHUNK_SAMPLES,) for chunk in chunks)
    assert sound(chunks)[:samples].tobytes() == pcm.tobytes()
    assert not np.any(sound(chunks)[samples:])
    assert len(sound(chunks)) - samples <= CHUNK_SAMPLES
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@given(
    times=st.lists(st.floats(0, 0.25), min_size=1, max_size=6).map(sorted),
    samples=st.integers(1, 4000),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_every_mark_comes_once_in_order_in_the_chunk_where_its_moment_falls(
    times: list[float], samples: int, cuts: list[int]
) -> None:
    words = [WordTime(f"w{place}", place, at_s) for place, at_s in enumerate(times)]
    chunks = Booth(ScriptTTS(*words, *pieces(noise(samples), cuts))).chunks()
    said = marks(chunks)
    assert said[0] == SpeechStart("one two", True, FIELDS)
    assert said[-1] == SpeechEnd("one two", True, FIELDS)
    assert said[1:-1] == [Word(word.text, word.offset) for word in words]
    assert chunks[0].marks[0] == said[0]
    assert chunks[-1].marks[-1] == said[-1]
    for word in words:
        holder = next(
            place for place, chunk in enumerate(chunks) if Word(word.text, word.offset) in chunk.marks
        )
        assert holder == min(round(word.at_s * SAMPLE_RATE) // CHUNK_SAMPLES, len(chunks) - 1)


@given(cuts=st.lists(st.integers(0, 6000), max_size=8), rate=st.sampled_from([8000, 22_050, 24_000, 48_000]))
@settings(deadline=None, max_examples=30)
def test_sound_of_another_rate_is_the_same_however_it_is_cut(cuts: list[int], rate: int) -> None:
    pcm = noise(6000)
    whole = sound(Booth(ScriptTTS(Pcm(pcm, rate))).chunks())
    cut = sound(Booth(ScriptTTS(*pieces(pcm, cuts, rate))).chunks())
    assert cut.tobytes() == whole.tobytes()
    assert 0 <= len(whole) - 6000 * SAMPLE_RATE // rate <= 2 * CHUNK_SAMPLES


def test_a_word_at_the_border_of_two_chunks_belongs_to_the_later_one() -> None:
    words = [WordTime("first", 0, 0.0), WordTime("border", 6, 0.02), WordTime("before", 13, 0.0199)]
    chunks = Booth(ScriptTTS(*words, Pcm(noise(960), SAMPLE_RATE))).chunks()
    assert Word("before", 13) in chunks[0].marks
    assert chunks[1].marks == (Word("border", 6),)


def test_the_last_samples_of_another_rate_are_not_left_in_the_resampler() -> None:
    loud = np.full(9600, 8000, np.int16)
    spoken = sound(Booth(ScriptTTS(Pcm(loud, 48_000))).chunks())
    assert np.all(spoken[3100:3198] > 4000)
    assert not np.any(spoken[3200:])


def test_a_word_that_comes_after_its_sound_goes_into_the_next_chunk() -> None:
    chunks = Booth(
        ScriptTTS(Pcm(noise(640), SAMPLE_RATE), WordTime("late", 0, 0.0), Pcm(noise(640), SAMPLE_RATE))
    ).chunks()
    assert Word("late", 0) in chunks[2].marks


def test_words_placed_after_the_end_of_the_sound_are_told_before_the_end() -> None:
    chunks = Booth(ScriptTTS(WordTime("far", 4, 99.0), Pcm(noise(640), SAMPLE_RATE))).chunks()
    assert chunks[-1].marks == (Word("far", 4), SpeechEnd("one two", True, FIELDS))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_marks_say_whether_the_utterance_begins_and_ends_with_the_sentence(first: bool, last: bool) -> None:
    booth = Booth(ScriptTTS(Pcm(noise(100), SAMPLE_RATE)))
    said = marks(booth.chunks(booth.sentence("one", first, last)))
    assert said == [SpeechStart("one", first, FIELDS), SpeechEnd("one", last, FIELDS)]


def test_a_voice_that_says_nothing_still_starts_and_ends() -> None:
    (only,) = Booth(ScriptTTS()).chunks()
    assert only.last
    assert only.marks == (SpeechStart("one two", True, FIELDS), SpeechEnd("one two", True, FIELDS))
    assert not np.any(only.pcm)


def test_a_chunk_leaves_as_soon_as_its_sound_is_there() -> None:
    asked: list[int] = []

    class Lazy(FakeTTS):
        def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
            for piece in range(10):
                asked.append(piece)
                yield Pcm(noise(CHUNK_SAMPLES), SAMPLE_RATE)

    booth = Booth(Lazy())
    next(booth.speak.process(booth.sentence()))
    assert asked == [0]


def test_a_clip_is_played_whole_without_words() -> None:
    booth = Booth(FakeTTS())
    pcm = noise(5000)
    chunks = booth.chunks(Clip(wav(pcm), booth.epoch.next_tag(), FIELDS))
    assert sound(chunks)[:5000].tobytes() == pcm.tobytes()
    assert not np.any(sound(chunks)[5000:])
    assert marks(chunks) == [SpeechStart("", fields=FIELDS), SpeechEnd("", fields=FIELDS)]
    assert chunks[-1].last


def test_a_clip_ends_at_the_limit() -> None:
    booth = Booth(FakeTTS(), clip_limit_s=0.1)
    chunks = booth.chunks(Clip(wav(noise(16_000)), booth.epoch.next_tag()))
    assert np.count_nonzero(sound(chunks)) == 1600
    assert chunks[-1].last


def test_chunks_are_read_only() -> None:
    assert not any(chunk.pcm.flags.writeable for chunk in Booth(FakeTTS()).chunks())


def test_the_sentence_after_another_begins_with_its_own_first_sample() -> None:
    booth = Booth(ScriptTTS(Pcm(noise(333), SAMPLE_RATE)))
    first, second = booth.chunks(), booth.chunks()
    assert sound(first).tobytes() == sound(second).tobytes()


def test_a_voice_that_breaks_is_reported_and_its_sentence_still_ends() -> None:
    tts = ScriptTTS(Pcm(noise(640), SAMPLE_RATE), ProviderError("no voice", retryable=True))
    booth = Booth(tts)
    booth.speak.start()
    broken, after = booth.sentence("broken", last=False), booth.sentence("after")
    booth.msgqueue.put(broken)
    chunks = booth.basket.wait(3)
    assert chunks[-1].marks[-1] == SpeechEnd("broken", False, FIELDS, broken=True)
    assert chunks[-1].last
    tts.script = (Pcm(noise(640), SAMPLE_RATE),)
    booth.msgqueue.put(after)
    assert booth.basket.wait(6)[-1].marks == (SpeechEnd("after", True, FIELDS),)
    booth.speak.stop()
    assert [(stage, tag, str(error)) for stage, tag, error in booth.notes.failures] == [
        ("speak", broken.tag, "no voice")
    ]


def test_a_clip_that_is_no_sound_is_reported_and_still_ends() -> None:
    booth = Booth(FakeTTS())
    booth.speak.start()
    clip = Clip(b"this is no sound", booth.epoch.next_tag(), FIELDS)
    booth.msgqueue.put(clip)
    (end,) = booth.basket.wait(1)
    booth.speak.stop()
    assert end.marks[-1] == SpeechEnd("", True, FIELDS, broken=True)
    assert end.last
    assert isinstance(booth.notes.failures[0][2], UnsupportedMedia)


def test_the_voice_is_told_to_give_up_by_an_interrupt_and_by_nothing_else() -> None:
    tts = ScriptTTS(Pcm(noise(CHUNK_SAMPLES * 2), SAMPLE_RATE), Pcm(noise(CHUNK_SAMPLES * 2), SAMPLE_RATE))
    booth = Booth(tts)
    speaking = booth.speak.process(booth.sentence())
    next(speaking)
    booth.epoch.next_tag()
    assert not tts.cancels[0]()
    booth.epoch.advance()
    assert tts.cancels[0]()


def test_an_interrupted_sentence_is_followed_only_by_the_new_one() -> None:
    booth = Booth(FakeTTS())
    old = booth.sentence("word " * 100)
    booth.msgqueue.put(old)
    booth.epoch.advance()
    new = booth.sentence("new")
    booth.msgqueue.put(new)
    booth.speak.start()
    assert {chunk.tag for chunk in booth.basket.wait(6)} == {new.tag}
    booth.speak.stop()


def test_it_stops_in_the_middle_of_a_long_sentence_with_no_room_for_its_sound() -> None:
    booth = Booth(FakeTTS())
    booth.msgqueue.put(booth.sentence("word " * 100))
    assert stops_at_a_wall(booth.speak)


def test_it_stops_while_nobody_has_anything_to_say() -> None:
    booth = Booth(FakeTTS())
    booth.speak.start()
    background(booth.speak.stop).result(WAIT_S)
