from __future__ import annotations

import numpy as np
import pytest

from livetalk.errors import ProviderError
from livetalk.pipeline import reply as module
from livetalk.pipeline.captions import Cue
from livetalk.pipeline.reply import Reply
from livetalk.protocols import REPLY_RATE
from livetalk.types import Int16Array, Tag
from tests.fakes import WAIT_S, background, blocks

TAG = Tag(0, 1)
Wrote = list[tuple[str, str, bool]]


def make(wrote: Wrote | None = None, patience_s: float = WAIT_S) -> Reply:
    told = [] if wrote is None else wrote
    return Reply(TAG, {}, patience_s, lambda _tag, raw, text, last: told.append((raw, text, last)))


def sound(reply: Reply) -> Int16Array:
    pieces = [part for part in reply.parts() if not isinstance(part, Cue)]
    return np.concatenate([np.zeros(0, np.int16), *pieces])


def ramp(samples: int) -> Int16Array:
    return (np.arange(samples) % 30_000).astype(np.int16)


def test_all_sound_comes_out_as_it_went_in() -> None:
    reply = make()
    pcm = ramp(12_345)
    for piece in np.split(pcm, [1, 500, 501, 9000]):
        assert reply.put(piece)
    reply.end()
    assert np.array_equal(sound(reply), pcm)


def test_whoever_makes_it_waits_while_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_S", 1)
    reply = make()
    pcm = ramp(3 * REPLY_RATE)
    putting = background(lambda: reply.put(pcm))
    assert blocks(putting)
    assert reply._received <= 1.1 * REPLY_RATE
    pieces = reply.parts()
    taken = np.concatenate([next(pieces) for _ in range(150)])
    assert np.array_equal(taken, pcm)
    assert putting.result(WAIT_S)


def test_whoever_waits_for_room_is_let_go_by_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_S", 1)
    reply = make()
    putting = background(lambda: reply.put(ramp(3 * REPLY_RATE)))
    assert blocks(putting)
    reply.cut()
    assert putting.result(WAIT_S) is False
    assert len(sound(reply)) == 0


def test_whoever_takes_no_more_has_ended_it() -> None:
    reply = make()
    reply.put(ramp(2000))
    parts = reply.parts()
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert not reply.put(ramp(10))


def test_what_it_says_is_told_sentence_by_sentence() -> None:
    wrote: Wrote = []
    reply = make(wrote)
    for text in ("One is", " done. Two", " is not"):
        reply.write(text)
    reply.put(ramp(10))
    reply.end()
    assert wrote == [("One is done. Two", "One is done.", False), (" is not", "Two is not", True)]


def test_its_error_comes_after_the_sound_that_was_there() -> None:
    reply = make()
    reply.put(ramp(1000))
    reply.end(ProviderError("it broke", retryable=True))
    parts = reply.parts()
    assert len(np.concatenate([next(parts) for _ in range(3)])) == 1000
    with pytest.raises(ProviderError, match="it broke"):
        next(parts)


@pytest.mark.parametrize(("samples", "told"), [(0, "did not answer within"), (100, "fell silent for")])
def test_one_that_does_not_come_is_given_up(samples: int, told: str) -> None:
    reply = make(patience_s=0.01)
    reply.put(ramp(samples))
    with pytest.raises(ProviderError, match=told):
        sound(reply)
    assert not reply.put(ramp(10))


def test_it_is_asked_for_only_when_it_is_wanted() -> None:
    asked: list[Reply] = []
    reply = Reply(TAG, {}, WAIT_S, lambda *_: None, asked.append)
    parts = reply.parts()
    assert asked == []
    reply.end()
    assert [*parts] == []
    assert asked == [reply]
