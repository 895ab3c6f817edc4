from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from livetalk import worker
from livetalk.errors import StageError
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.stage import Sink, Stage
from livetalk.types import Sentence
from tests.fakes import WAIT_S, Basket, Notes, Wall, background, stops_at_a_wall


class Echo(Stage[Sentence, Sentence]):
    """Hands on each sentence twice; breaks on "fail", waits on "wait"."""

    def __init__(self, inbox: Channel[Sentence], outbox: Sink[Sentence], epoch: Epoch, notes: Notes) -> None:
        super().__init__("echo", inbox, outbox, epoch, notes)
        self.begun: Basket[str] = Basket()
        self.gate = threading.Event()

    def process(self, item: Sentence) -> Iterator[Sentence]:
        self.begun.put(item.text)
        if item.text == "wait":
            assert self.gate.wait(WAIT_S)
        yield item
        if item.text == "fail":
            raise RuntimeError("the echo broke")
        yield item

    def recover(self, item: Sentence) -> Iterator[Sentence]:
        yield Sentence("recovered", item.tag)


class Room:
    """An echo with all that it needs."""

    def __init__(self) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.inbox: Channel[Sentence] = Channel("inbox", 20)
        self.basket: Basket[Sentence] = Basket()
        self.echo = Echo(self.inbox, self.basket, self.epoch, self.notes)

    def say(self, text: str) -> Sentence:
        sentence = Sentence(text, self.epoch.next_tag())
        self.inbox.put(sentence)
        return sentence

    def texts(self, count: int) -> list[str]:
        return [item.text for item in self.basket.wait(count)]


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.echo.gate.set()
    if made.echo._thread.is_alive():
        made.echo.stop()


def test_what_goes_in_comes_out_in_order(room: Room) -> None:
    room.echo.start()
    for text in ("one", "two", "three"):
        room.say(text)
    assert room.texts(6) == ["one", "one", "two", "two", "three", "three"]


def test_what_went_stale_in_the_inbox_is_not_even_begun(room: Room) -> None:
    room.say("old")
    room.epoch.advance()
    room.say("new")
    room.echo.start()
    assert room.texts(2) == ["new", "new"]
    assert room.echo.begun.items == ["new"]


def test_what_goes_stale_while_it_is_worked_on_is_not_handed_on(room: Room) -> None:
    room.echo.start()
    room.say("wait")
    room.echo.begun.wait(1)
    room.epoch.advance()
    room.echo.gate.set()
    room.say("new")
    assert room.texts(2) == ["new", "new"]


def test_the_rest_of_an_item_that_went_stale_is_not_worked_out() -> None:
    room = Room()

    class Long(Echo):
        def process(self, item: Sentence) -> Iterator[Sentence]:
            for count in range(100):
                self.begun.put(f"{item.text} {count}")
                yield item

    class Interrupting(Basket[Sentence]):
        def put(self, item: Sentence) -> None:
            super().put(item)
            room.epoch.advance()

    basket = Interrupting()
    long = Long(room.inbox, basket, room.epoch, room.notes)
    long.start()
    room.say("old")
    basket.wait(1)
    room.say("new")
    basket.wait(2)
    long.stop()
    assert [item.text for item in basket.items] == ["old", "new"]
    assert long.begun.items[:3] == ["old 0", "old 1", "new 0"]


def test_a_failure_is_told_recovered_from_and_survived(room: Room) -> None:
    room.echo.start()
    broken = room.say("fail")
    room.say("after")
    assert room.texts(4) == ["fail", "recovered", "after", "after"]
    (stage, tag, error), *more = room.notes.failures
    assert (stage, tag, str(error)) == ("echo", broken.tag, "the echo broke")
    assert not more


def test_nothing_is_recovered_of_what_went_stale_before_it_failed() -> None:
    room = Room()

    class Broken(Echo):
        def process(self, item: Sentence) -> Iterator[Sentence]:
            if item.text == "old":
                self.epoch.advance()
                self.begun.put(item.text)
                raise RuntimeError("too late")
            yield item

    broken = Broken(room.inbox, room.basket, room.epoch, room.notes)
    broken.start()
    room.say("old")
    broken.begun.wait(1)
    room.say("new")
    assert room.texts(1) == ["new"]
    broken.stop()


def test_the_first_value_of_each_utterance_is_told_once(room: Room) -> None:
    room.echo.start()
    first, second = room.say("one"), room.say("two")
    room.inbox.put(Sentence("more", second.tag))
    room.texts(6)
    room.echo.stop()
    assert room.notes.reached_stages == [("echo", first.tag), ("echo", second.tag)]


def test_stale_values_do_not_count_as_reached(room: Room) -> None:
    room.say("old")
    room.epoch.advance()
    room.echo.start()
    new = room.say("new")
    room.texts(2)
    room.echo.stop()
    assert room.notes.reached_stages == [("echo", new.tag)]


def stopped(stage: Stage[Sentence, Sentence]) -> bool:
    """Whether `stop` came back and the thread is gone."""
    background(stage.stop).result(WAIT_S)
    return not stage._thread.is_alive()


def test_it_stops_while_it_waits_on_an_empty_inbox(room: Room) -> None:
    room.echo.start()
    assert stopped(room.echo)


def test_it_stops_while_it_waits_for_room_once_the_outbox_closes() -> None:
    room = Room()
    room.say("one")
    assert stops_at_a_wall(room.echo)
    assert room.notes.failures == []


def test_a_closed_outbox_ends_the_thread_and_is_no_failure() -> None:
    room = Room()
    wall = Wall()
    wall.close()
    room.echo.outbox = wall
    room.echo.start()
    room.say("one")
    room.echo._thread.join(WAIT_S)
    assert not room.echo._thread.is_alive()
    assert room.notes.failures == []


def test_what_waits_when_it_is_stopped_is_not_worked_on(room: Room) -> None:
    room.echo.start()
    room.say("wait")
    room.echo.begun.wait(1)
    room.say("never")
    room.inbox.close()
    room.echo.gate.set()
    assert stopped(room.echo)
    assert room.echo.begun.items == ["wait"]


def test_a_stage_that_will_not_end_is_named(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "STOP_TIMEOUT_S", 0.01)
    room.echo.start()
    room.say("wait")
    room.echo.begun.wait(1)
    with pytest.raises(StageError, match="'echo' did not stop within"):
        room.echo.stop()


def test_its_thread_has_its_name_and_is_no_daemon(room: Room) -> None:
    room.echo.start()
    assert room.echo._thread.name == "echo"
    assert not room.echo._thread.daemon


def test_a_stage_without_its_own_recovery_hands_nothing_on() -> None:
    room = Room()

    class Plain(Stage[Sentence, Sentence]):
        def process(self, item: Sentence) -> Iterator[Sentence]:
            if item.text == "fail":
                raise RuntimeError("broken")
            return iter((item,))

    plain = Plain("plain", room.inbox, room.basket, room.epoch, room.notes)
    plain.start()
    room.say("fail")
    room.say("after")
    assert room.texts(1) == ["after"]
    assert [name for name, *_ in room.notes.failures] == ["plain"]
    plain.stop()
