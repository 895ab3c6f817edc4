from __future__ import annotations

from livetalk.events import ClosedEvent, Event, Events, StateEvent
from tests.fakes import WAIT_S, background


def test_everybody_who_listens_is_told_in_order() -> None:
    events = Events()
    one: list[Event] = []
    other: list[Event] = []
    events.listen(one.append)
    events.listen(other.append)
    told = [StateEvent(state="speaking"), ClosedEvent()]
    for event in told:
        events.tell(event)
    assert one == other == told


def test_nobody_listening_is_no_trouble() -> None:
    events = Events()
    events.tell(StateEvent(state="idle"))
    late: list[Event] = []
    events.listen(late.append)
    assert late == []


def test_who_ends_listening_is_told_no_more_and_others_are() -> None:
    events = Events()
    gone: list[Event] = []
    there: list[Event] = []
    end = events.listen(gone.append)
    events.listen(there.append)
    end()
    end()
    events.tell(StateEvent(state="idle"))
    assert gone == []
    assert there == [StateEvent(state="idle")]


def test_a_listener_may_end_or_begin_listening_while_it_is_told() -> None:
    events = Events()
    heard: list[str] = []

    def once(event: Event) -> None:
        heard.append(f"once {event.name}")
        end()
        events.listen(lambda later: heard.append(f"later {later.name}"))

    end = events.listen(once)
    events.listen(lambda event: heard.append(f"always {event.name}"))
    events.tell(StateEvent(state="idle"))
    events.tell(ClosedEvent())
    assert heard == ["once state", "always state", "always closed", "later closed"]


def test_listeners_that_come_and_go_in_many_threads_leave_nobody_behind() -> None:
    events = Events()
    heard: list[Event] = []
    events.listen(heard.append)

    def come_and_go() -> None:
        for _ in range(200):
            events.listen(lambda event: None)()

    for done in [background(come_and_go) for _ in range(4)]:
        done.result(WAIT_S)
    assert len(events._listeners) == 1
    events.tell(StateEvent(state="idle"))
    assert heard == [StateEvent(state="idle")]
