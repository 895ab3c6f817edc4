from __future__ import annotations

from livetalk.pipeline.lead import LEAD_FRAMES, REFILL_FRAMES, START_FRAMES, Lead


class Shelf:
    """Pictures that stand ready, made as fast as the lead wants them."""

    def __init__(self) -> None:
        self.lead = Lead()
        self.ready = 0

    def fill(self) -> int:
        """Make what is wanted; how many that were."""
        made = 0
        while self.lead.wants_more:
            self.ready += 1
            made += 1
            self.lead.put(self.ready)
        return made

    def play(self) -> None:
        self.ready -= 1
        self.lead.play(self.ready)


def test_speech_begins_with_a_few_pictures() -> None:
    assert Shelf().fill() == START_FRAMES


def test_the_lead_grows_while_it_plays_by_no_more_than_a_picture_a_tick() -> None:
    shelf = Shelf()
    shelf.fill()
    made = []
    while shelf.ready < LEAD_FRAMES - REFILL_FRAMES:
        shelf.play()
        made.append(shelf.fill())
    assert set(made) == {1, 2}
    assert len(made) >= LEAD_FRAMES - REFILL_FRAMES - START_FRAMES


def test_a_full_lead_is_refilled_by_several_at_a_time() -> None:
    shelf = Shelf()
    for _ in range(40):
        shelf.fill()
        shelf.play()
    made = []
    for _ in range(4 * REFILL_FRAMES):
        made.append(shelf.fill())
        shelf.play()
    assert sorted(set(made)) == [0, REFILL_FRAMES]
    assert LEAD_FRAMES - REFILL_FRAMES <= shelf.ready + 1 <= LEAD_FRAMES


def test_at_rest_the_lead_is_small_again_and_asks_for_no_more_than_that() -> None:
    shelf = Shelf()
    for _ in range(40):
        shelf.fill()
        shelf.play()
    shelf.lead.rest(START_FRAMES)
    assert not shelf.lead.wants_more
    shelf.ready = 0
    shelf.lead.rest(0)
    assert shelf.fill() == START_FRAMES
