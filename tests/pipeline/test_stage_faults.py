from __future__ import annotations

from collections.abc import Iterator

from livetalk.types import Sentence, Tag
from tests.fakes import Notes
from tests.pipeline.test_stage import Echo, Room


def test_a_stage_lives_on_when_its_recovery_breaks_too() -> None:
    class Hopeless(Echo):
        def recover(self, item: Sentence) -> Iterator[Sentence]:
            raise RuntimeError("and the recovery broke")

    room = Room()
    hopeless = Hopeless(room.inbox, room.basket, room.epoch, room.notes)
    hopeless.start()
    room.say("fail")
    room.say("after")
    assert room.texts(3) == ["fail", "after", "after"]
    hopeless.stop()


def test_a_stage_lives_on_when_telling_of_a_failure_breaks() -> None:
    class Deaf(Notes):
        def failed(self, stage: str, tag: Tag, error: Exception) -> None:
            raise RuntimeError("a listener's loop is closed")

    room = Room()
    echo = Echo(room.inbox, room.basket, room.epoch, Deaf())
    echo.start()
    room.say("fail")
    room.say("after")
    assert room.texts(3)[-1] == "after"
    echo.stop()
