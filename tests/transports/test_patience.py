from __future__ import annotations

import pytest

from livetalk.transports.webrtc.patience import LEARNED, LEAST_S, LIMIT_S, Patience


def heard(patience: Patience, every_s: float, times: int) -> float:
    """Let it hear at intervals; when the last was."""
    patience.begin(100.0)
    for number in range(times):
        patience.hear(100.0 + (number + 1) * every_s)
    return 100.0 + times * every_s


def test_who_does_not_learn_always_waits_the_whole_limit() -> None:
    patience = Patience()
    last = heard(patience, 0.5, 50)
    assert patience.ends_at == last + LIMIT_S


@pytest.mark.parametrize(("every_s", "limit_s"), [(0.05, LEAST_S), (1.0, 4.0), (5.0, LIMIT_S)])
def test_who_learns_waits_some_of_the_other_sides_intervals(every_s: float, limit_s: float) -> None:
    patience = Patience(learns=True)
    last = heard(patience, every_s, LEARNED)
    assert patience.ends_at == pytest.approx(last + limit_s)


def test_a_few_reports_are_no_habit() -> None:
    patience = Patience(learns=True)
    last = heard(patience, 0.5, LEARNED - 1)
    assert patience.ends_at == last + LIMIT_S


def test_one_long_silence_that_ended_teaches_to_wait_longer() -> None:
    patience = Patience(learns=True)
    last = heard(patience, 1.0, 100)
    patience.hear(last + 3.0)
    assert patience.limit_s == pytest.approx(12.0)
