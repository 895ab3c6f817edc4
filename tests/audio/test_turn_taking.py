from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.audio.silero import WINDOW_SAMPLES
from livetalk.audio.turn_events import (
    TurnEvent,
    VoiceBegan,
    VoiceEnded,
    VoiceHeard,
    VoicePaused,
    VoiceWentOn,
)
from livetalk.audio.turn_taking import TurnTaker, TurnTaking
from livetalk.errors import SettingsError
from livetalk.types import Int16Array

PROBABILITIES = {".": 0.0, "~": 0.4, "#": 0.6, "!": 0.95}
"""a window of quiet, one between the two thresholds, likely speech, and certain speech"""
PRE_ROLL = 3200
PAUSE, ENDPOINT = 5, 22
"""windows of quiet: the first count of them that is 160 ms or more, and 700 ms"""


class Told:
    """Says of each window what it was told to, and quiet after that."""

    def __init__(self, windows: str) -> None:
        self._left = [PROBABILITIES[each] for each in windows]
        self._samples = 0
        self.resets = 0

    def push(self, pcm: Int16Array) -> Sequence[float]:
        self._samples += len(pcm)
        whole, self._samples = divmod(self._samples, WINDOW_SAMPLES)
        return [self._left.pop(0) if self._left else 0.0 for _ in range(whole)]

    def reset(self) -> None:
        self._samples = 0
        self.resets += 1


def sound(samples: int) -> Int16Array:
    """No two stretches of it are alike."""
    return np.random.default_rng(0).integers(-32768, 32767, samples).astype(np.int16)


def stream(windows: str) -> Int16Array:
    return sound(len(windows) * WINDOW_SAMPLES)


def heard(windows: str, options: TurnTaking | None = None) -> list[TurnEvent]:
    """All events of a stream that comes whole."""
    return list(TurnTaker(Told(windows), options).push(stream(windows)))


def decisions(events: Sequence[TurnEvent]) -> list[TurnEvent]:
    """All but the sound that is handed on."""
    return [event for event in events if not isinstance(event, VoiceHeard)]


def kinds(events: Sequence[TurnEvent]) -> list[type[TurnEvent]]:
    return [type(event) for event in decisions(events)]


def at(windows: int) -> int:
    return windows * WINDOW_SAMPLES


def turns(events: Sequence[TurnEvent]) -> list[tuple[int, Int16Array]]:
    """Each turn's sound, and where it begins."""
    found: list[tuple[int, list[Int16Array]]] = []
    for event in events:
        if isinstance(event, VoiceBegan):
            found.append((event.at_sample - len(event.pcm), [event.pcm]))
        elif isinstance(event, VoiceHeard):
            found[-1][1].append(event.pcm)
    return [(begin, np.concatenate(parts)) for begin, parts in found]


# -- onset ----------------------------------------------------------------------------------------


def test_two_likely_windows_are_a_voice() -> None:
    (began,) = decisions(heard("..........##"))
    assert isinstance(began, VoiceBegan)
    assert (began.at_sample, began.speech_sample) == (at(12), at(10))


@pytest.mark.parametrize("windows", ["", "....", "...#...", "#.#.#.#", "~~~~~~", ".~#.~#."])
def test_shorter_or_less_certain_speech_begins_nothing(windows: str) -> None:
    assert heard(windows) == []


def test_speech_that_opened_stays_speech_down_to_the_lower_threshold() -> None:
    assert kinds(heard(".#~")) == [VoiceBegan]
    assert kinds(heard(".~#.")) == []


def test_one_certain_window_is_a_voice() -> None:
    (began,) = decisions(heard("....!"))
    assert isinstance(began, VoiceBegan)
    assert (began.at_sample, began.speech_sample) == (at(5), at(4))


@pytest.mark.parametrize(("onset_ms", "windows"), [(30.4, 1), (30.5, 2), (60.8, 2), (61.0, 3), (150, 5)])
def test_a_window_counts_by_its_probability(onset_ms: float, windows: int) -> None:
    began, *_ = heard("!!!!!", TurnTaking(onset_ms=onset_ms))
    assert isinstance(began, VoiceBegan)
    assert began.at_sample == at(windows)


def test_a_voice_without_onset_time_begins_with_its_first_window_and_not_with_quiet() -> None:
    (began,) = decisions(heard("...#", TurnTaking(onset_ms=0)))
    assert isinstance(began, VoiceBegan)
    assert (began.at_sample, began.speech_sample) == (at(4), at(3))


def test_the_sound_from_before_the_voice_comes_along() -> None:
    windows = "..........##"
    (began,) = heard(windows)
    assert isinstance(began, VoiceBegan)
    assert np.array_equal(began.pcm, stream(windows)[at(10) - PRE_ROLL :])


def test_there_is_no_more_before_the_voice_than_was_heard() -> None:
    (began,) = heard(".##")
    assert isinstance(began, VoiceBegan)
    assert np.array_equal(began.pcm, stream(".##"))


def test_without_pre_roll_the_speech_alone_comes() -> None:
    (began,) = heard("...##", TurnTaking(pre_roll_ms=0))
    assert isinstance(began, VoiceBegan)
    assert np.array_equal(began.pcm, stream("...##")[at(3) :])


def test_what_is_handed_on_cannot_be_written_to() -> None:
    for event in heard("...####"):
        assert isinstance(event, VoiceBegan | VoiceHeard)
        with pytest.raises(ValueError, match="read-only"):
            event.pcm[0] = 1


# -- pause and end --------------------------------------------------------------------------------


def test_a_voice_pauses_after_160_ms_of_quiet() -> None:
    assert kinds(heard("####" + "." * (PAUSE - 1))) == [VoiceBegan]
    _, paused = decisions(heard("####" + "." * PAUSE))
    assert paused == VoicePaused(at(4 + PAUSE), speech_end_sample=at(4), speech_ms=128, brief=True)


def test_a_pause_is_told_once() -> None:
    assert kinds(heard("####" + "." * (ENDPOINT - 1))) == [VoiceBegan, VoicePaused]


def test_a_voice_that_is_there_again_after_a_pause_went_on() -> None:
    windows = "####" + "." * PAUSE + "#"
    assert decisions(heard(windows))[2:] == [VoiceWentOn(at(len(windows)))]


@pytest.mark.parametrize("quiet", [1, PAUSE - 1])
def test_a_shorter_quiet_is_none(quiet: int) -> None:
    assert kinds(heard("####" + "." * quiet + "####")) == [VoiceBegan]


def test_speech_starts_again_at_the_upper_threshold_alone() -> None:
    assert kinds(heard("####" + "." * PAUSE + "~~")) == [VoiceBegan, VoicePaused]
    *_, paused = decisions(heard("####.~~~~~~"))
    assert isinstance(paused, VoicePaused)
    assert paused.speech_end_sample == at(4)


def test_a_voice_can_pause_and_go_on_many_times() -> None:
    windows = ("####" + "." * PAUSE) * 3
    assert kinds(heard(windows)) == [
        VoiceBegan,
        VoicePaused,
        VoiceWentOn,
        VoicePaused,
        VoiceWentOn,
        VoicePaused,
    ]


def test_700_ms_of_quiet_end_a_turn() -> None:
    windows = "#" * 10 + "." * ENDPOINT
    assert kinds(heard(windows[:-1])) == [VoiceBegan, VoicePaused]
    *_, ended = heard(windows)
    assert ended == VoiceEnded(at(10 + ENDPOINT), speech_end_sample=at(10), speech_ms=320, brief=False)


def test_a_voice_that_is_there_again_at_the_last_moment_ends_nothing() -> None:
    windows = "####" + "." * (ENDPOINT - 1) + "#"
    assert kinds(heard(windows)) == [VoiceBegan, VoicePaused, VoiceWentOn]


def test_quiet_is_not_counted_as_speech() -> None:
    *_, ended = heard("#####" + "." * PAUSE + "#..#" + "." * ENDPOINT)
    assert isinstance(ended, VoiceEnded)
    assert ended.speech_ms == 7 * 32
    assert ended.speech_end_sample == at(5 + PAUSE + 4)


def test_a_pause_as_long_as_the_end_is_told_before_it() -> None:
    options = TurnTaking(pause_ms=320, endpoint_ms=320)
    assert kinds(heard("###" + "." * 10, options)) == [VoiceBegan, VoicePaused, VoiceEnded]


@pytest.mark.parametrize(("speech", "brief"), [(2, True), (6, True), (7, False), (30, False)])
def test_a_turn_is_brief_below_200_ms_of_speech(speech: int, brief: bool) -> None:
    _, paused, ended = decisions(heard("#" * speech + "." * ENDPOINT))
    assert isinstance(paused, VoicePaused)
    assert isinstance(ended, VoiceEnded)
    assert paused.brief == ended.brief == brief


def test_a_turn_after_another_is_as_the_first() -> None:
    one = "." * 10 + "#" * 10 + "." * ENDPOINT
    whole = stream(one + one)
    taker = TurnTaker(Told(one + one))
    first, second = taker.push(whole[: at(len(one))]), taker.push(whole[at(len(one)) :])
    assert kinds(first) == kinds(second) == [VoiceBegan, VoicePaused, VoiceEnded]
    began = second[0]
    assert isinstance(began, VoiceBegan)
    begin = at(len(one) + 10) - PRE_ROLL
    assert np.array_equal(began.pcm, whole[begin : begin + PRE_ROLL + at(2)])


def test_a_turn_soon_after_another_has_its_pre_roll_too() -> None:
    windows = "####" + "." * (ENDPOINT + 1) + "####"
    _, (begin, pcm) = turns(heard(windows))
    assert begin == at(len(windows) - 4) - PRE_ROLL
    assert np.array_equal(pcm, stream(windows)[begin:])


def test_a_turns_sound_is_whole() -> None:
    windows = "." * 10 + "####" + "." * PAUSE + "####" + "." * ENDPOINT + "...."
    ((begin, pcm),) = turns(heard(windows))
    assert begin == at(10) - PRE_ROLL
    assert np.array_equal(pcm, stream(windows)[begin : at(len(windows) - 4)])


# -- cuts -----------------------------------------------------------------------------------------


def test_a_turn_that_never_ends_is_cut_and_nothing_is_lost_or_comes_twice() -> None:
    windows = "." * 3 + "#" * 100
    events = heard(windows, TurnTaking(most_s=1))
    ended = [event for event in events if isinstance(event, VoiceEnded)]
    assert len(ended) == 3
    assert all(event.cut and not event.brief for event in ended)
    began = [event for event in events if isinstance(event, VoiceBegan)]
    assert [event.speech_sample for event in began] == [at(3), *(event.at_sample for event in ended)]
    assert all(event.at_sample == event.speech_sample + at(2) for event in began)
    assert np.array_equal(np.concatenate([pcm for _, pcm in turns(events)]), stream(windows))
    assert all(len(pcm) == at(32) for _, pcm in turns(events)[:3]), "1 s, in windows"


def test_a_turn_that_is_over_when_it_grows_too_long_is_not_cut() -> None:
    options = TurnTaking(most_s=0.8, pre_roll_ms=0)
    *_, ended = heard("###" + "." * ENDPOINT, options)
    assert isinstance(ended, VoiceEnded)
    assert not ended.cut


def test_a_stream_that_stops_ends_its_turn_with_all_of_its_sound() -> None:
    told = Told("....####")
    taker = TurnTaker(told)
    pcm = sound(at(8) + 100)
    events = [*taker.push(pcm), *taker.end()]
    assert events[-1] == VoiceEnded(at(8) + 100, at(8), speech_ms=128, brief=True, cut=True)
    assert np.array_equal(turns(events)[0][1], pcm)
    assert not taker.in_turn
    assert told.resets == 1


def test_a_stream_that_stops_on_a_windows_border_ends_without_empty_sound() -> None:
    taker = TurnTaker(Told("####"))
    taker.push(stream("####"))
    assert [type(event) for event in taker.end()] == [VoiceEnded]
    assert taker.end() == []


def test_a_stream_that_stops_without_a_voice_tells_nothing_and_half_an_onset_is_forgotten() -> None:
    taker = TurnTaker(Told("...#" + "#"))
    assert [*taker.push(sound(at(4) + 7)), *taker.end(), *taker.push(stream("#"))] == []


def test_the_next_stream_counts_on_and_hears_nothing_of_the_last() -> None:
    taker = TurnTaker(Told("....##"))
    taker.push(sound(at(4) + 7))
    taker.end()
    (began,) = taker.push(stream("##"))
    assert isinstance(began, VoiceBegan)
    assert (began.at_sample, began.speech_sample) == (at(6) + 7, at(4) + 7)
    assert np.array_equal(began.pcm, stream("##"))


def test_it_is_known_whether_a_turn_is_on() -> None:
    taker = TurnTaker(Told("##" + "." * ENDPOINT))
    seen = []
    for window in stream("##" + "." * ENDPOINT).reshape(-1, WINDOW_SAMPLES):
        taker.push(window)
        seen.append(taker.in_turn)
    assert seen == [False] + [True] * ENDPOINT + [False]


# -- any stream -----------------------------------------------------------------------------------


def plain(events: Sequence[TurnEvent]) -> list[object]:
    """To compare: arrays as bytes."""
    return [
        (type(event), event.at_sample, event.pcm.tobytes())
        if isinstance(event, VoiceBegan | VoiceHeard)
        else event
        for event in events
    ]


WINDOWS = st.lists(st.tuples(st.sampled_from("..##!~"), st.integers(1, 40)), max_size=12).map(
    lambda runs: "".join(kind * count for kind, count in runs)
)


@settings(deadline=None)
@given(WINDOWS, st.lists(st.integers(0, 3000), max_size=40))
def test_events_do_not_depend_on_how_the_stream_is_cut(windows: str, cuts: list[int]) -> None:
    pcm, options = stream(windows), TurnTaking(most_s=1.5)
    taker = TurnTaker(Told(windows), options)
    pieces = np.split(pcm, np.minimum(np.cumsum(cuts, dtype=int), len(pcm)))
    events = [event for piece in pieces for event in taker.push(piece)]
    assert plain(events) == plain(heard(windows, options))


@settings(deadline=None)
@given(WINDOWS)
def test_turns_are_whole_in_order_and_say_where_they_are(windows: str) -> None:
    pcm = stream(windows)
    taker = TurnTaker(Told(windows), TurnTaking(most_s=1.5))
    events = [*taker.push(pcm), *taker.end()]
    words = {VoiceBegan: "b", VoiceHeard: "h", VoicePaused: "p", VoiceWentOn: "w", VoiceEnded: "e"}
    told = "".join(words[type(event)] for event in events)
    for begin, own in turns(events):
        assert np.array_equal(own, pcm[begin : begin + len(own)])
    while told:  # a turn: began, then heard, with pauses between, and ended
        turn, told = told[: told.index("e") + 1], told[told.index("e") + 1 :]
        assert turn.startswith("b")
        assert turn.count("b") == 1
        steps = turn[1:-1].replace("h", "")
        assert steps in ("pw" * len(steps))[: len(steps)]
    assert [event.at_sample for event in events] == sorted(event.at_sample for event in events)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"opens_at": 0.3}, "they are 0.35 and 0.3"),
        ({"opens_at": 1.1}, "up to 1"),
        ({"closes_at": 0.0}, "above 0"),
        ({"pause_ms": 0}, "longer than 0"),
        ({"pause_ms": 800}, "as long or longer"),
        ({"most_s": 0.7}, "a longest turn longer than both"),
        ({"onset_ms": -1}, "0 ms or more"),
        ({"least_ms": -1}, "0 ms or more"),
        ({"pre_roll_ms": -1}, "0 ms or more"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, float], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        TurnTaking(**options)
