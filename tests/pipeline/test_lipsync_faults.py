from __future__ import annotations

from collections.abc import Iterator

import pytest

from livetalk.pipeline.lipsync import OPENING
from tests.pipeline.test_lipsync import LEVEL, Lips


@pytest.fixture
def lips() -> Iterator[Lips]:
    made = Lips()
    yield made
    made.end()


def test_an_opening_that_was_cut_short_does_not_soften_the_next_speech(lips: Lips) -> None:
    lips.lipsync.start()
    lips.say(1)
    lips.basket.wait(1)
    lips.playout.at_rest = False
    lips.epoch.advance()
    lips.say(1)
    mouths = [float(frame.mouth[0]) for frame in lips.basket.wait(2)]
    assert mouths == [LEVEL * OPENING[0], LEVEL]
