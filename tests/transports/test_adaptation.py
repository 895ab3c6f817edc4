from __future__ import annotations

from livetalk.protocols import VideoFormat
from livetalk.transports.webrtc.adaptation import Adaptation, ladder

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
    for _ in range(3):
        began = now
        while not adaptation.lost(0.0, now):
            now += 1.0
        waits.append(now - began)
        assert adaptation.step == 0
        now += 3.0
        adaptation.lost(0.5, now)
        adaptation.lost(0.5, now)
        assert adaptation.step == 1
    assert waits == [10.0, 20.0, 40.0]
