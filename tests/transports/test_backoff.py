from __future__ import annotations

import pytest

from livetalk.transports.backoff import JITTER, LONGEST_S, Backoff
from livetalk.transports.local.again import device_backoff


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_good_while() -> None:
    backoff = Backoff()
    waits = [backoff.next_s() for _ in range(8)]
    assert waits == [pytest.approx(min(2**number, LONGEST_S), rel=JITTER) for number in range(8)]
    backoff.reset()
    assert backoff.next_s() == pytest.approx(1.0, rel=JITTER)


@pytest.mark.parametrize("backoff", [Backoff(0.5, 8.0), device_backoff()], ids=["said", "of a device"])
def test_other_waits_than_a_server_s_are_kept_too(backoff: Backoff) -> None:
    waits = [backoff.next_s() for _ in range(6)]
    assert waits == [pytest.approx(wait_s, rel=JITTER) for wait_s in (0.5, 1, 2, 4, 8, 8)]
    backoff.reset()
    assert backoff.next_s() == pytest.approx(0.5, rel=JITTER)


def test_two_clients_do_not_wait_alike() -> None:
    assert Backoff().next_s() != Backoff().next_s()
