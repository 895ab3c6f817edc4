from __future__ import annotations

from livetalk.pipeline.epoch import Epoch
from livetalk.types import Tag
from tests.fakes import WAIT_S, background


def test_utterances_are_numbered_in_the_order_they_are_asked_for() -> None:
    epoch = Epoch()
    tags = [epoch.next_tag() for _ in range(3)]
    assert tags == sorted(set(tags))
    assert {tag.epoch for tag in tags} == {0}


def test_an_interrupt_makes_stale_all_tags_before_it_and_none_after() -> None:
    epoch = Epoch()
    before = [epoch.next_tag(), epoch.next_tag()]
    assert not any(epoch.is_stale(tag) for tag in before)
    epoch.advance()
    after = epoch.next_tag()
    assert all(epoch.is_stale(tag) for tag in before)
    assert not epoch.is_stale(after)
    assert after > max(before)
    assert after.epoch == 1


def test_what_is_stale_stays_stale() -> None:
    epoch = Epoch()
    tag = epoch.next_tag()
    for _ in range(3):
        epoch.advance()
        assert epoch.is_stale(tag)


def test_no_two_threads_get_the_same_tag() -> None:
    epoch = Epoch()

    def ask() -> list[Tag]:
        tags = []
        for _ in range(200):
            tags.append(epoch.next_tag())
            epoch.advance()
        return tags

    asked = [background(ask) for _ in range(4)]
    tags = [tag for each in asked for tag in each.result(WAIT_S)]
    assert len({tag.utterance for tag in tags}) == len(tags) == 800
    assert epoch.next_tag().epoch == 800


def test_sessions_do_not_share_their_epoch() -> None:
    one, other = Epoch(), Epoch()
    tag = other.next_tag()
    one.advance()
    assert not other.is_stale(tag)


def test_who_works_on_an_utterance_is_told_of_an_interrupt() -> None:
    epoch = Epoch()
    with epoch.cancellation(epoch.next_tag()) as first, epoch.cancellation(epoch.next_tag()) as second:
        assert not first()
        epoch.advance()
        assert first()
        assert second()


def test_who_works_on_an_abandoned_utterance_is_told_and_nobody_else() -> None:
    epoch = Epoch()
    tag, other = epoch.next_tag(), epoch.next_tag()
    with (
        epoch.cancellation(tag) as first,
        epoch.cancellation(tag) as second,
        epoch.cancellation(other) as third,
    ):
        epoch.abandon(tag)
        assert first()
        assert second()
        assert not third()


def test_who_begins_to_work_on_what_is_stale_is_told_at_once() -> None:
    epoch = Epoch()
    tag = epoch.next_tag()
    epoch.advance()
    with epoch.cancellation(tag) as cancel:
        assert cancel()


def test_who_is_done_is_told_nothing() -> None:
    epoch = Epoch()
    tag = epoch.next_tag()
    with epoch.cancellation(tag) as going_on:
        with epoch.cancellation(tag) as done:
            pass
        epoch.advance()
        assert going_on()
        assert not done()
