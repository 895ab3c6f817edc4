from __future__ import annotations

import io

import pytest

from livetalk.models.progress import Progress, bytes_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_on_a_terminal_one_line_is_rewritten_with_rate_and_rest() -> None:
    lines, live, clock = io.StringIO(), Terminal(), Clock()
    progress = Progress(lines, live, clock)
    for second in range(3):
        clock.now_s = float(second)
        progress.watch("unet.pth", second * 100_000_000, 1_000_000_000)
    shown = live.getvalue().split("\r")
    assert shown[1].strip() == "unet.pth    0%  0 B of 1.00 GB"
    assert shown[3].strip() == "unet.pth   20%  200 MB of 1.00 GB  100 MB/s  0:08 left"
    progress.say("there")
    assert live.getvalue().endswith("\r")
    assert lines.getvalue() == "there\n"


def test_it_is_not_rewritten_at_every_block_but_at_the_last_one() -> None:
    live = Terminal()
    progress = Progress(io.StringIO(), live, Clock())
    for done in range(1, 101):
        progress.watch("unet.pth", done, 100)
    assert live.getvalue().count("\r") == 2
    assert "100%" in live.getvalue()


def test_where_nobody_looks_only_the_lines_are_written() -> None:
    lines, live = io.StringIO(), io.StringIO()
    progress = Progress(lines, live)
    progress.watch("unet.pth", 1, 2)
    progress.say("there")
    progress.clear()
    assert (lines.getvalue(), live.getvalue()) == ("there\n", "")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (748, "748 B"), (37_926_180, "38 MB"), (3_400_074_924, "3.40 GB"), (2e15, "2000000 GB")],
)
def test_bytes_are_said_as_people_say_them(count: float, text: str) -> None:
    assert bytes_text(count) == text
