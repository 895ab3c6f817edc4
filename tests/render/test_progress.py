from __future__ import annotations

import io

import pytest

from livetalk.render.progress import Progress
from tests.fakes import Clock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_nobody_looks_there_is_one_line_at_the_end() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(50, out, clock) as progress:
        for _ in range(50):
            clock.pass_by(0.01)
            progress.step()
    assert out.getvalue() == "50 pictures, 2.00 s: 100.0 a second, 4.00 x real time\n"


def test_a_terminal_sees_how_far_it_is_and_how_long_it_takes_a_few_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out, clock = Terminal(), Clock()
    with Progress(100, out, clock) as progress:
        for _ in range(50):
            clock.pass_by(0.04)
            progress.step()
        lines = out.getvalue().split("\r\x1b[K")[1:]
        assert len(lines) == 10
        assert lines[-1] == "[########........] 50/100, 25.0 a second, 1.00 x real time, 2 s left"


def test_a_narrow_terminal_sees_what_fits_into_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out, clock = Terminal(), Clock()
    with Progress(100, out, clock) as progress:
        clock.pass_by(1)
        progress.step()
        assert out.getvalue() == "\r\x1b[K[................] 1/100, 1.0"


def test_an_error_finds_a_line_of_its_own() -> None:
    out, clock = Terminal(), Clock()

    def failing() -> None:
        with Progress(10, out, clock) as progress:
            clock.pass_by(1)
            progress.step()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert out.getvalue().endswith("\r\x1b[K")
