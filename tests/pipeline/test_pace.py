from __future__ import annotations

import pytest

from livetalk.pipeline.pace import HEADROOM, LONGEST_S, Pace
from livetalk.types import FPS

MOST = 8


def paced(most: int = MOST, **seconds: float) -> Pace:
    """Learnt as warming up does: s1=0.01 is a batch of one in 10 ms."""
    pace = Pace(most)
    for name, took in seconds.items():
        pace.learn(int(name[1:]), took)
    return pace


def test_before_it_was_measured_it_promises_one_session_and_the_engines_own_batch() -> None:
    pace = Pace(MOST)
    assert (pace.sessions(), pace.best_batch, pace.pictures_per_mouth()) == (1, MOST, 1)


def test_the_first_batch_of_all_says_what_there_is_to_say() -> None:
    pace = Pace(MOST)
    pace.observe(2, 0.02)
    assert pace.picture_s == pytest.approx(0.01)
    assert pace.best_batch == MOST


def test_the_rate_is_that_of_the_best_size_however_small_the_batches_are() -> None:
    pace = paced(s1=0.010, s2=0.012, s4=0.016, s8=0.024)
    for _ in range(50):
        pace.observe(1, 0.010)
    assert pace.picture_s == pytest.approx(0.003)
    assert pace.sessions() == int(HEADROOM / (0.003 * FPS)) == 10


def test_a_larger_batch_is_aimed_at_only_where_it_is_worth_it() -> None:
    assert paced(s1=0.010, s2=0.012, s4=0.016, s8=0.024).best_batch == 8
    assert paced(s1=0.010, s2=0.012, s4=0.0235, s8=0.047).best_batch == 2
    assert paced(s1=0.3).best_batch == 1
    assert paced(s1=0.06, s2=LONGEST_S * 1.01).best_batch == 1
    assert paced(s1=0.010, s2=0.012, s4=0.016, most=2).best_batch == 2


def test_a_rate_that_only_batches_reach_which_take_too_long_is_not_promised() -> None:
    pace = paced(s1=0.04, s2=0.07, s4=0.124)
    assert pace.best_batch == 2
    assert pace.picture_s == pytest.approx(0.035)
    assert pace.sessions() == 0


def test_a_machine_that_others_use_too_carries_fewer() -> None:
    pace = paced(s1=0.002, s4=0.004)
    before = pace.sessions()
    for _ in range(100):
        pace.observe(3, 0.008)
    assert pace.sessions() == pytest.approx(before / 2, abs=1)


def test_one_batch_that_stood_still_says_little() -> None:
    pace = paced(s1=0.002)
    before = pace.picture_s
    pace.observe(1, 30.0)
    assert pace.picture_s < 1.2 * before


def test_a_size_that_was_never_measured_is_expected_by_its_neighbours() -> None:
    pace = paced(s1=0.002, s4=0.004)
    for _ in range(50):
        pace.observe(8, 0.008)
        pace.observe(3, 0.004)
    assert pace.picture_s == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("picture_s", "pictures"), [(0.001, 1), (0.031, 1), (0.033, 2), (0.3, 10), (9.0, 25)]
)
def test_pictures_share_a_mouth_only_where_the_engine_is_slower_than_speech(
    picture_s: float, pictures: int
) -> None:
    assert paced(s1=picture_s).pictures_per_mouth() == pictures
