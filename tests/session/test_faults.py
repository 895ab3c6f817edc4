"""Whole sessions in which one part breaks once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from livetalk.audio.silero import SileroModel
from livetalk.errors import StageError
from livetalk.listening.ear import Hearing
from livetalk.parts import Parts
from livetalk.protocols import Cancel, LipJob, Pcm, WordTime
from livetalk.session import Session
from livetalk.types import FRAME_SAMPLES, Mouth, Sentence
from tests.fakes import WAIT_S, FakeAvatar, FakeEngine, FakeTTS
from tests.player import Player


class OnceBrokenEngine(FakeEngine):
    """Breaks on its third batch only."""

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        self.failing = len(self.batches) == 2
        return super().infer(jobs)


@pytest.fixture
def engine() -> FakeEngine:
    return OnceBrokenEngine()


def test_an_utterance_that_failed_on_its_way_says_no_more_and_the_body_walks_on(parts: Parts) -> None:
    session = Session("one", parts, FakeAvatar())
    failed = threading.Event()
    session.events.listen(lambda event: failed.set() if event.name == "error" else None)
    session.start()
    player = Player(session)
    session.say("word " * 30)
    assert failed.wait(WAIT_S)
    for _ in range(30):
        with session.playout._changed:
            session.playout._changed.wait_for(lambda: bool(session.playout._ready), 0.05)
        player.play()
    poses = []
    for _ in range(4):
        player.play()
        poses.append(session.playout._walk.pose)
    session.close()
    first_batches = (1 + 2) * FRAME_SAMPLES
    assert np.count_nonzero(np.concatenate(player.sound)) <= first_batches
    assert np.diff(poses).tolist() == [1, 1, 1]


def test_a_stage_that_does_not_stop_is_named_and_the_others_are_ended_all_the_same(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.worker.STOP_TIMEOUT_S", 0.05)
    before = set(threading.enumerate())
    entered, release = threading.Event(), threading.Event()

    class Stuck(FakeTTS):
        def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
            entered.set()
            release.wait()
            yield from super().speak(sentence, cancel)

    session = Session("one", replace(parts, tts=Stuck()), FakeAvatar())
    told: list[str] = []
    session.events.listen(lambda event: told.append(event.name))
    session.start()
    session.say("word")
    assert entered.wait(WAIT_S)
    with pytest.raises(StageError, match="speak"):
        session.close()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    release.set()
    assert left == {"speak"}
    assert told[-1] == "closed"


def test_an_ear_that_does_not_close_leaves_no_stage_behind(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing = Hearing(SileroModel.load().stream)
    session = Session("one", replace(parts, hearing=hearing), FakeAvatar())
    session.start()
    ear = session.conversation.hear()
    monkeypatch.setattr(ear, "close", stuck)
    with pytest.raises(StageError, match="stuck"):
        session.close()


def stuck() -> None:
    raise StageError("stuck")
