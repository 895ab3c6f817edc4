from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence

from livetalk.doctor import report
from livetalk.doctor.examination import examine
from livetalk.doctor.finding import Check, Finding, Mark
from livetalk.errors import ModelError
from livetalk.settings import Settings

FINE = Finding("fine", Mark.OK, "there")
SLOW = Finding("slow", Mark.WARN, "it works", "make it faster")


def fine(_settings: Settings) -> Sequence[Finding]:
    return [FINE]


def plain(_settings: Settings) -> Sequence[Finding]:
    raise ModelError("the weights are missing; fetch them")


def broken(_settings: Settings) -> Sequence[Finding]:
    raise ZeroDivisionError("of a driver")


def test_a_check_that_breaks_or_hangs_is_a_finding_and_the_others_go_on() -> None:
    end = threading.Event()

    def hang(_settings: Settings) -> Sequence[Finding]:
        end.wait()
        return [FINE]

    checks = [Check("a", broken), Check("b", hang), Check("c", plain), Check("d", fine)]
    found = list(examine(checks, Settings(), limit_s=0.5))
    end.set()
    assert [(each.name, each.mark) for each in found] == [
        ("a", Mark.FAIL),
        ("b", Mark.FAIL),
        ("c", Mark.FAIL),
        ("fine", Mark.OK),
    ]
    assert found[0].found == "the check broke: ZeroDivisionError: of a driver"
    assert "did not end within 0.5 s" in found[1].found
    assert found[2].found == "the weights are missing; fetch them"


def test_all_are_looked_at_at_once() -> None:
    meet = threading.Barrier(2, timeout=10.0)

    def wait_for_the_other(_settings: Settings) -> Sequence[Finding]:
        meet.wait()
        return [FINE]

    checks = [Check("a", wait_for_the_other), Check("b", wait_for_the_other)]
    assert list(examine(checks, Settings())) == [FINE, FINE]


def test_the_time_is_for_all_of_them_together() -> None:
    end = threading.Event()

    def hang(_settings: Settings) -> Sequence[Finding]:
        end.wait()
        return [FINE]

    began = time.monotonic()
    found = list(examine([Check(str(number), hang) for number in range(12)], Settings(), limit_s=0.5))
    took_s = time.monotonic() - began
    end.set()
    assert len(found) == 12
    assert took_s < 5.0


def test_lines_are_aligned_plain_and_no_wider_than_asked() -> None:
    long = Finding("ice servers", Mark.FAIL, "word " * 30, "do this " * 20)
    for width in (40, 110):
        lines = report.lines(long, width).splitlines()
        assert len(lines) > 2
        assert all(len(line) <= width and line.isascii() for line in lines)
        assert lines[0].startswith("fail  ice servers    word")
        assert all(line.startswith(" " * 21) for line in lines[1:])
        assert sum("-> do this" in line for line in lines) == 1
    assert report.lines(FINE, 80) == "ok    fine           there"


def test_json_carries_the_same_and_whether_nothing_failed() -> None:
    told = json.loads(report.as_json([FINE, SLOW]))
    assert told["healthy"] is True
    assert told["findings"][1] == {
        "name": "slow",
        "mark": "warn",
        "found": "it works",
        "todo": "make it faster",
    }
    assert json.loads(report.as_json([Finding("x", Mark.FAIL, "no")]))["healthy"] is False
    assert report.summary([FINE, FINE, SLOW]) == "2 ok, 1 warn, 0 fail"
