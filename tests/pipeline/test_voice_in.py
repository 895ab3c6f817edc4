"""Live voice on its way to Speak."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from livetalk.audio.voice_activity import PRE_ROLL_CHUNKS, QUIET_CHUNKS
from livetalk.metrics import Metrics
from livetalk.pipeline import live
from livetalk.pipeline.live import Stretch
from livetalk.pipeline.voice_in import PAUSE_CHUNKS, WAITING_CHUNKS, VoiceIn, Voices
from livetalk.types import CHUNK_SAMPLES, Int16Array, Tag
from tests.fakes import WAIT_S, background, blocks, counted

LOUD = np.tile(np.array([6000, -6000], np.int16), CHUNK_SAMPLES // 2)
QUIET = np.zeros(CHUNK_SAMPLES, np.int16)


@dataclass
class Stage:
    """Where voices are said; a test takes what waits there."""

    stretches: list[Stretch] = field(default_factory=list)
    room: bool = True
    excess_s: float = 0.0
    metrics: Metrics = field(default_factory=Metrics)

    def begin(self) -> Stretch | None:
        if self.room:
            self.stretches.append(Stretch(Tag(0, len(self.stretches) + 1), {}))
        return self.stretches[-1] if self.room else None

    def voice(self) -> VoiceIn:
        return VoiceIn(self.begin, lambda: self.excess_s, self.metrics)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def say(voice: VoiceIn, loud: int, quiet: int = 0) -> None:
    for _ in range(loud):
        voice.push(LOUD)
    for _ in range(quiet):
        voice.push(QUIET)


def taken(stretch: Stretch) -> list[bool]:
    """Which of its pieces are loud; it has ended."""
    return [bool(np.any(piece)) for piece in stretch.pieces()]


def test_each_stretch_of_voice_is_an_utterance_of_its_own(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10, QUIET_CHUNKS + 5)
    say(voice, 12, QUIET_CHUNKS + 5)
    assert [sum(taken(each)) for each in stage.stretches] == [10, 12]


def test_a_stretch_can_be_taken_while_it_is_spoken(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 5)
    (stretch,) = stage.stretches
    pieces = stretch.pieces()
    begun = [bool(np.any(next(pieces))) for _ in range(len(stretch))]
    assert begun[-5:] == [True] * 5
    assert begun[:-5] == [False] * (len(begun) - 5)
    assert len(begun) >= 5 + PRE_ROLL_CHUNKS
    taking = background(lambda: next(pieces))
    assert blocks(taking)
    say(voice, 1)
    assert np.array_equal(taking.result(WAIT_S), LOUD)


@pytest.mark.parametrize("size", [1, 100, 160, 320, 333, 960, 5000])
def test_it_may_come_in_pieces_of_any_size(stage: Stage, size: int) -> None:
    voice = stage.voice()
    pcm = np.concatenate([QUIET] * 20 + [LOUD] * 10 + [QUIET] * 40)
    for begin in range(0, len(pcm), size):
        voice.push(pcm[begin : begin + size])
    (stretch,) = stage.stretches
    assert sum(taken(stretch)) == 10


def test_a_sender_that_is_faster_than_speech_loses_the_oldest_and_is_never_held_up(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, WAITING_CHUNKS + 50)
    assert len(stage.stretches[0]) == WAITING_CHUNKS
    lost = 50 + len([*range(PRE_ROLL_CHUNKS)]) + 1
    assert counted(stage.metrics, "voice_dropped_total") == pytest.approx(lost, abs=1)


def test_stretches_that_wait_together_are_bounded_too(stage: Stage) -> None:
    voice = stage.voice()
    for _ in range(8):
        say(voice, 20, QUIET_CHUNKS + 5)
    assert sum(len(each) for each in stage.stretches) <= WAITING_CHUNKS
    assert taken(stage.stretches[0]) == []
    assert sum(taken(stage.stretches[-1])) == 20


def test_a_sender_that_stalls_ends_its_stretch_and_begins_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STALL_S", 0.02)
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    assert sum(taken(stage.stretches[0])) == 10
    say(voice, 10)
    assert counted(stage.metrics, "voice_stalls_total") == 1
    assert sum(taken(stage.stretches[1])) == 10


def test_what_is_cut_is_forgotten_up_to_the_next_pause(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    voice.cut()
    say(voice, 10, QUIET_CHUNKS + 5)
    assert taken(stage.stretches[0]) == []
    assert len(stage.stretches) == 1
    say(voice, 10, QUIET_CHUNKS + 5)
    assert sum(taken(stage.stretches[1])) == 10


def test_cutting_lets_go_of_who_waits_for_more(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    (stretch,) = stage.stretches
    began = threading.Event()

    def take() -> int:
        count = 0
        for _ in stretch.pieces():
            count += 1
            began.set()
        return count

    taking = background(take)
    assert began.wait(WAIT_S)
    voice.cut()
    taking.result(WAIT_S)


def test_a_stretch_that_could_not_be_said_to_its_end_is_begun_anew(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    pieces = stage.stretches[0].pieces()
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    say(voice, 10)
    assert counted(stage.metrics, "voice_stalls_total") == 0
    assert len(stage.stretches[1]) == 10


def test_without_room_a_stretch_is_left_out_and_the_next_is_not(stage: Stage) -> None:
    voice = stage.voice()
    stage.room = False
    say(voice, 0, 20)
    say(voice, 10, QUIET_CHUNKS + 5)
    stage.room = True
    say(voice, 10, QUIET_CHUNKS + 5)
    assert [sum(taken(each)) for each in stage.stretches] == [10]


def test_what_fell_behind_catches_up_in_a_pause_and_no_further(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    stage.excess_s = 0.101
    say(voice, 0, 15)
    say(voice, 10, QUIET_CHUNKS + 5)
    pieces = taken(stage.stretches[0])
    assert sum(pieces) == 20
    first, last = pieces.index(True), len(pieces) - 1 - pieces[::-1].index(True)
    assert last - first + 1 == 20 + 15 - 5
    assert PAUSE_CHUNKS <= 15 - 5


def test_of_a_pause_so_much_stays_however_far_it_fell_behind(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    stage.excess_s = 10.0
    say(voice, 10, 15)
    say(voice, 10, QUIET_CHUNKS + 5)
    spoken = "".join("-_"[each] for each in taken(stage.stretches[0])).strip("-")
    assert spoken == "_" * 10 + "-" * PAUSE_CHUNKS + "_" * 10


def test_after_the_end_nothing_happens(stage: Stage) -> None:
    voice = stage.voice()
    say(voice, 0, 20)
    say(voice, 10)
    voice.close()
    say(voice, 10)
    (stretch,) = stage.stretches
    assert stretch.ended
    assert sum(taken(stretch)) == 10
    assert not stretch.stalled
    voice.cut()
    voice.close()


def test_no_voice_is_listened_to_after_the_end(stage: Stage) -> None:
    voices = Voices(lambda _fields: stage.begin(), lambda: 0.0, stage.metrics)
    first = voices.listen({})
    assert first is not None
    voices.close()
    assert first.closed
    assert voices.listen({}) is None


def test_what_is_put_into_a_stretch_after_its_end_is_none_of_its() -> None:
    stretch = Stretch(Tag(0, 1), {})
    stretch.put(LOUD)
    stretch.end()
    stretch.put(LOUD)
    assert taken(stretch) == [True]


def test_who_waits_for_more_is_told_at_once_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STALL_S", 1000.0)
    stretch = Stretch(Tag(0, 1), {})
    stretch.put(LOUD)
    pieces = stretch.pieces()
    next(pieces)
    taking = background(lambda: next(pieces, None))
    blocks(taking)
    stretch.end()
    assert taking.result(WAIT_S) is None
    assert not stretch.stalled


@pytest.mark.parametrize("end", [Voices.cut, Voices.close])
def test_voices_that_are_cut_or_closed_hold_nobody_up(stage: Stage, end: Callable[[Voices], None]) -> None:
    voices = Voices(lambda _fields: stage.begin(), lambda: 0.0, stage.metrics)
    for _ in range(2):
        voice = voices.listen({})
        assert voice is not None
        say(voice, 5, 20)
        say(voice, 10)
    end(voices)
    assert [(each.ended, len(each)) for each in stage.stretches] == [(True, 0)] * 2


def test_pieces_are_not_copied_nor_changed(stage: Stage) -> None:
    voice = stage.voice()
    pcm: Int16Array = np.concatenate([QUIET] * 20 + [LOUD] * 10)
    voice.push(pcm)
    (stretch,) = stage.stretches
    assert not next(iter(stretch.pieces())).flags.writeable
