"""Whole sessions with MuseTalk's networks: the pipeline as it is, small random weights, no clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from livetalk.avatar.foreign import open_foreign
from livetalk.engines.musetalk.engine import MuseTalkAvatar, MuseTalkEngine
from livetalk.metrics import Metrics
from livetalk.parts import Parts
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.session import Session
from livetalk.types import FRAME_SAMPLES, LipJob, Mouth
from tests.fakes import WAIT_S, FakeLLM, FakeTTS, background, counted
from tests.player import Player

FOLDER = Path(__file__).parent / "goldens" / "avatar_livetalking_syn"


class Watched(Batcher):
    """Can be held before a batch; knows whose pictures were in each."""

    def __init__(self, engine: MuseTalkEngine, metrics: Metrics) -> None:
        super().__init__(engine, metrics)
        self.batches: list[set[int]] = []
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.failing: Exception | None = None

    def _infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        self.batches.append({id(job.avatar) for job in jobs})
        if not self.go_on.is_set():
            self.held.set()
            assert self.go_on.wait(WAIT_S)
        return super()._infer(jobs)


@pytest.fixture
def batcher(engine: MuseTalkEngine) -> Iterator[Watched]:
    made = Watched(engine, Metrics())
    for size, seconds in ((1, 0.002), (16, 0.016)):  # no clock runs here: a mouth for every picture
        made._pace.learn(size, seconds)
    made.start()
    yield made
    made.go_on.set()
    made.stop()


@pytest.fixture
def parts(engine: MuseTalkEngine, batcher: Watched) -> Parts:
    return Parts(engine, batcher, Slots(), FakeTTS(), FakeLLM(), batcher._metrics, clip_limit_s=10.0)


@pytest.fixture(scope="module")
def avatars(engine: MuseTalkEngine, tmp_path_factory: pytest.TempPathFactory) -> list[MuseTalkAvatar]:
    """Two that look alike at rest, and have other latents."""
    cache = tmp_path_factory.mktemp("cache")
    found = [engine.open_avatar(open_foreign(FOLDER, cache)) for _ in range(2)]
    found[1].latents.mul_(-1)
    return found


@pytest.fixture
def sessions(parts: Parts, avatars: list[MuseTalkAvatar]) -> Iterator[list[Session]]:
    made = [Session(f"s{place}", parts, avatar) for place, avatar in enumerate(avatars)]
    for session in made:
        session.start()
    yield made
    parts.batcher.go_on.set()  # type: ignore[attr-defined]
    for session in made:
        session.close()


def moved(player: Player, avatar: MuseTalkAvatar) -> list[bool]:
    """For each picture that was played: whether it is another than the body at rest."""
    return [
        not np.array_equal(picture, avatar.bundle.picture(pose))
        for picture, pose in zip(player.pictures, player.poses, strict=True)
    ]


def test_a_text_is_spoken_whole_with_a_face_on_every_picture(
    sessions: list[Session], avatars: list[MuseTalkAvatar]
) -> None:
    player = Player(sessions[0])
    player.play()
    sessions[0].say("one two three four")
    player.until("end")
    assert np.count_nonzero(player.spoken()) == 4 * FakeTTS.word_samples
    loud = [bool(sound.any()) for sound in player.sound]
    faces = moved(player, avatars[0])
    assert [face for face, is_loud in zip(faces, loud, strict=True) if is_loud] == [True] * sum(loud)
    assert sum(faces) <= sum(loud) + 1, "beside the last picture, whose sound the voice did not fill"


def test_an_interrupt_during_a_batch_drops_its_pictures(sessions: list[Session], batcher: Watched) -> None:
    session, player = sessions[0], Player(sessions[0])
    batcher.go_on.clear()
    session.say("never to be seen")
    assert batcher.held.wait(WAIT_S)
    session.interrupt()
    session.say("this")
    batcher.go_on.set()
    player.until("end")
    assert [event.fields["word"] for event in player.events if event.name == "word"] == ["this"]
    assert np.count_nonzero(player.spoken()) == FakeTTS.word_samples


def test_numbers_that_are_no_picture_end_one_turn_and_not_the_sessions_beside_it(
    sessions: list[Session], batcher: Watched, avatars: list[MuseTalkAvatar]
) -> None:
    players = [Player(session) for session in sessions]
    good = avatars[0].latents.clone()
    avatars[0].latents.fill_(torch.nan)
    try:
        batcher.go_on.clear()
        sessions[0].say("nothing")
        assert batcher.held.wait(WAIT_S)
        sessions[1].say("something else")
        batcher.go_on.set()
        players[1].until("end")
        assert "no picture" in players[0].hear("error").fields["message"]
    finally:
        avatars[0].latents.copy_(good)
    assert "error" not in players[1].names()
    sessions[0].say("again")
    players[0].until("end")
    assert np.count_nonzero(players[0].spoken()) == FakeTTS.word_samples


def test_memory_that_is_full_ends_the_turn_with_what_to_do_and_the_session_lives(
    sessions: list[Session], engine: MuseTalkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    session, player = sessions[0], Player(sessions[0])
    monkeypatch.setattr(engine._drawing, "_network", full)
    session.say("too much")
    told = player.hear("error").fields
    assert (told["stage"], told["message"]) == (
        "lipsync",
        "the memory of cpu is full: fewer sessions, or less avatar_memory_mb",
    )
    monkeypatch.undo()
    session.say("enough")
    player.until("end")
    assert np.count_nonzero(player.spoken()) == FakeTTS.word_samples


def test_two_sessions_share_batches_and_get_their_own_faces(
    sessions: list[Session], batcher: Watched, avatars: list[MuseTalkAvatar]
) -> None:
    players = [Player(session) for session in sessions]
    stream = batcher._engine.features()
    window = next(stream.push(np.zeros(4 * FRAME_SAMPLES, np.int16)))
    batcher.go_on.clear()
    busy = background(lambda: batcher.infer([LipJob(window, 0, avatars[0])], 0.0))
    assert batcher.held.wait(WAIT_S)
    for session in sessions:
        session.say("a text for two")
    with batcher._changed:
        assert batcher._changed.wait_for(lambda: len(batcher._requests) == 2, WAIT_S)
    batcher.go_on.set()
    busy.result(WAIT_S)
    for player in players:
        player.until("end")
    assert any(len(batch) == 2 for batch in batcher.batches)
    assert counted(batcher._metrics, "batch_size_count") < counted(batcher._metrics, "batch_size_sum")
    shown = [
        [picture for picture, is_face in zip(player.pictures, moved(player, avatar), strict=True) if is_face]
        for player, avatar in zip(players, avatars, strict=True)
    ]
    assert len(shown[0]) == len(shown[1]) > 5
    assert all(not np.array_equal(one, other) for one, other in zip(*shown, strict=True))


def test_the_avatar_changes_in_mid_speech_with_its_own_mouth(
    sessions: list[Session], avatars: list[MuseTalkAvatar], engine: MuseTalkEngine
) -> None:
    session, player = sessions[0], Player(sessions[0])
    session.say("a text that is long enough to change faces in")
    player.until("word", 2)
    session.change_avatar(avatars[1])
    before = len(player.pictures)
    player.until("end")
    assert all(
        face
        for face, sound in zip(moved(player, avatars[0])[:before], player.sound, strict=False)
        if sound.any()
    )
    frame = session.playout._face._last
    assert frame is not None
    assert frame.job.avatar is avatars[1]
    again = engine.paste(engine.infer([frame.job])[0], frame.job.shown.frame, avatars[1])
    assert np.abs(player.pictures[-1].astype(int) - again).max() <= 1
