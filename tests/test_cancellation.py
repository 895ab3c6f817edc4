from livetalk.cancellation import Cancellation


def test_those_who_watch_are_told_once() -> None:
    cancel, told = Cancellation(), []
    cancel.watch(lambda: told.append("first"))
    cancel.watch(lambda: told.append("second"))
    assert not cancel()
    cancel.cancel()
    cancel.cancel()
    assert cancel()
    assert told == ["first", "second"]


def test_who_watches_too_late_is_told_at_once() -> None:
    cancel, told = Cancellation(), []
    cancel.cancel()
    cancel.watch(lambda: told.append("late"))
    assert told == ["late"]


def test_who_ended_the_watch_is_not_told() -> None:
    cancel, told = Cancellation(), []
    end = cancel.watch(lambda: told.append("gone"))
    cancel.watch(lambda: told.append("there"))
    end()
    cancel.cancel()
    end()
    assert told == ["there"]
