from __future__ import annotations

from livetalk.protocols import VideoFormat
from livetalk.transports.webrtc.adaptation import LONGEST_TRY_S, TRY_S, Adaptation, ladder

PICTURE = 4000
"""bytes; 25 a second are 800 kbit/s"""


def play(adaptation: Adaptation, begin: float, seconds: float, size: int = PICTURE) -> float:
    """Send for so long; the time then."""
    for tick in range(round(seconds * 25)):
        adaptation.sent(size, begin + tick / 25)
    return begin + seconds


def test_the_ladder_goes_down_in_bits_and_at_its_end_in_size() -> None:
    top = VideoFormat("h264", 1_000_000, height=512)
    steps = ladder(top)
    assert steps[0] == top
    assert [each.bitrate for each in steps] == [1_000_000, 400_000, 150_000]
    assert [each.shrink for each in steps] == [1, 1, 2]


def test_a_low_estimate_while_little_is_sent_means_nothing() -> None:
    adaptation = Adaptation(0.0)
    now = play(adaptation, 0.0, 10.0, size=200)
    assert not adaptation.estimated(60_000, now)
    assert adaptation.step == 0


def test_an_estimate_below_what_is_sent_goes_a_step_down_and_waits_for_its_effect() -> None:
    adaptation = Adaptation(0.0)
    now = play(adaptation, 0.0, 5.0)
    assert adaptation.estimated(400_000, now)
    assert adaptation.step == 1
    assert not adaptation.estimated(400_000, now + 1.0)
    now = play(adaptation, now, 3.0)
    assert adaptation.estimated(400_000, now)
    assert adaptation.step == 2
    now = play(adaptation, now, 3.0)
    assert not adaptation.estimated(400_000, now), "there is no step below"


def test_an_estimate_that_an_idle_face_held_down_means_nothing_when_speech_begins() -> None:
    adaptation = Adaptation(0.0)
    now = play(adaptation, 0.0, 5.0, size=200)
    adaptation.estimated(45_000, now)
    for _ in range(50):
        now = play(adaptation, now, 0.2)
        adaptation.estimated(45_000, now)
    assert adaptation.step == 0
    assert adaptation.estimated(40_000, now), "taken back: there is a queue"


def test_an_estimate_above_what_is_sent_forgets_that_it_fell() -> None:
    adaptation = Adaptation(0.0)
    now = play(adaptation, 0.0, 5.0, size=200)
    adaptation.estimated(60_000, now)
    adaptation.estimated(50_000, now)
    now = play(adaptation, now, 5.0)
    assert not adaptation.estimated(50_000, now)


def test_what_nearly_fits_and_a_few_lost_packets_are_no_trouble() -> None:
    adaptation = Adaptation(0.0)
    now = play(adaptation, 0.0, 5.0)
    assert not adaptation.estimated(600_000, now), "of 800 kbit/s"
    assert not adaptation.lost(0.1, now)
    assert not adaptation.lost(0.1, now + 1.0)
    assert adaptation.estimated(550_000, now)


def test_loss_of_a_little_more_is() -> None:
    adaptation = Adaptation(0.0)
    assert not adaptation.lost(0.11, 5.0)
    assert adaptation.lost(0.11, 6.0)


def test_reports_from_before_a_step_down_do_not_count_for_the_next() -> None:
    adaptation = Adaptation(0.0)
    adaptation.lost(0.3, 5.0)
    adaptation.lost(0.3, 6.0)
    assert not adaptation.lost(0.3, 9.0)
    assert adaptation.lost(0.3, 10.0)
    assert adaptation.step == 2


def test_on_the_lowest_step_it_waits_for_the_trouble_to_end() -> None:
    adaptation = Adaptation(0.0, steps=2)
    for now in range(5, 26):
        adaptation.lost(0.3, float(now))
    assert adaptation.step == 1
    assert not adaptation.lost(0.0, 25.0 + TRY_S - 1)
    assert adaptation.lost(0.0, 25.0 + TRY_S)


def test_loss_in_two_reports_goes_down_and_in_one_does_not() -> None:
    adaptation = Adaptation(0.0)
    assert not adaptation.lost(0.3, 5.0)
    assert not adaptation.lost(0.0, 6.0)
    assert not adaptation.lost(0.3, 7.0)
    assert adaptation.lost(0.3, 8.0)
    assert adaptation.step == 1


def test_after_a_while_it_goes_up_again_and_waits_longer_after_each_time_that_was_too_early() -> None:
    adaptation = Adaptation(0.0)
    now, waits = 5.0, []
    adaptation.lost(0.5, now)
    adaptation.lost(0.5, now)
    for _ in range(6):
        began = now
        while not adaptation.lost(0.0, now):
            now += 1.0
        waits.append(now - began)
        assert adaptation.step == 0
        now += 3.0
        adaptation.lost(0.5, now)
        adaptation.lost(0.5, now)
        assert adaptation.step == 1
    assert waits == [10.0, 20.0, 40.0, 80.0, 160.0, 160.0]
    assert (waits[0], waits[-1]) == (TRY_S, LONGEST_TRY_S)
